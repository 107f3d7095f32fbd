export declare const WANTED_MAJOR: number;
/** A line for people when this Node is too old, else undefined. */
export declare function nodeProblem(version?: string): string | undefined;
/** Ends the process with one clear line when this Node is too old. */
export declare function checkNode(version?: string): void;
