/**
 * 40: a page less in the two acts that end a citizen's choice. A choice is open only while its invitation is, so what
 * finds the open invitations (`invitation_open`) finds the open choices too.
 */
export const fewerPagesSchema = `
DROP INDEX rating_open;
`;
