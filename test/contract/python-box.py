"""A button box in another language: plays one device model's file on a serial line.

    python3 python-box.py PORT MODEL.json

Written from docs/device-protocols.md alone. Every check is computed here and held against the file's vectors.
Says one line of JSON for each key that it has pressed; reads a line on stdin before each.
"""
import json, queue, struct, sys, threading
import serial

port, file = sys.argv[1:3]
model = json.load(open(file, encoding="utf-8"))
framing, line = model["framing"], model["transport"]
kind = framing["kind"]


def sum8(data):
    return bytes([sum(data) % 256])


def xor8(data):
    value = 0
    for byte in data:
        value ^= byte
    return bytes([value])


def crc16(data):
    crc = 0xFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = (crc >> 1) ^ 0xA001 if crc & 1 else crc >> 1
    return struct.pack("<H", crc)


CHECKS = {"none": lambda data: b"", "sum8": sum8, "xor8": xor8, "crc16-modbus": crc16}


def fixed(template, values):
    check, out = framing["check"], bytearray()
    for word in template.split():
        if word == "{check}":
            out += CHECKS[check["kind"]](out[check.get("from", 0):])
        elif word.startswith("{"):
            out.append(values[word[1:-1]])
        else:
            out.append(int(word, 16))
    return bytes(out)


def press(key, address):
    """The bytes of a press, from the drawing of the frame and nothing else."""
    if kind == "ff68":
        body = bytes([address, 0x11, int(key)])
        return bytes([0xFF, 0x68, len(body), len(body), 0x68]) + body + sum8(body) + b"\x16"
    if kind == "line":
        text = framing["press"].replace("{key}", framing["keys"][key]).replace("{address}", str(address))
        return text.encode("ascii") + bytes.fromhex(framing["end"])
    if kind == "fixed":
        values = {"address": address, "key": int(framing["keys"][key], 16)}
        return fixed(framing["press"], values)
    if kind == "modbus-rtu":
        read = framing["read"]
        bits = 1 << framing["down"]["keys"][key] if key is not None else 0
        data = bits.to_bytes((read["count"] + 7) // 8, "little")
        body = bytes([address, read["function"], len(data)]) + data
        return body + crc16(body)
    raise SystemExit("no serial framing: " + kind)


def say(**what):
    print(json.dumps(what), flush=True)


def answer_for_ever(tty, turns, address):
    """A box that is asked answers whenever it is: a key is down in one answer and up in the next."""
    read, buffer = framing["read"], b""
    while True:
        try:
            buffer = (buffer + tty.read(1))[-8:]
        except (OSError, TypeError):
            return  # The line was closed at the end.
        if len(buffer) < 8 or buffer[0] != address or crc16(buffer[:-2]) != buffer[-2:]:
            continue
        request, buffer = buffer, b""
        if request[1] == read["function"]:
            assert struct.unpack(">HH", request[2:6]) == (read["first"], read["count"]), request.hex()
            key = None if turns.empty() else turns.get()
            tty.write(press(key, address))
            tty.flush()
            if key is not None:
                turns.task_done()
        else:
            tty.write(request)


vectors = [vector for vector in model["vectors"] if vector["key"] is not None]
with serial.Serial(port, line["baudRate"], line["dataBits"], line["parity"][0].upper(), line["stopBits"]) as tty:
    turns = queue.Queue()
    if kind == "modbus-rtu":
        address = vectors[0].get("address", 0)
        threading.Thread(target=answer_for_ever, args=(tty, turns, address), daemon=True).start()
    say(listening=True, with_serial=serial.__version__)
    for vector in vectors:
        if not sys.stdin.readline():
            break
        address = vector.get("address", 0)
        stated = bytes.fromhex(vector["bytes"])
        made = press(vector["key"], address)
        # A bus may leave its first byte to silence.
        assert made.endswith(stated), (made.hex(), stated.hex())
        if kind == "modbus-rtu":
            turns.put(vector["key"])
            turns.join()
        else:
            noise = [bytes.fromhex(one["bytes"]) for one in model["vectors"] if one["key"] is None]
            whole = [data for data in noise if kind != "line" or data.endswith(bytes.fromhex(framing["end"]))]
            tty.write(b"".join(whole[:1]) + made)
        tty.flush()
        say(pressed=vector["key"])
