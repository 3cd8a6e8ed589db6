"""Hosts of kernels that do not what they should. Each is a script in place of the kernel's host."""

_START = """
import hashlib, json, os, select, signal, socket, struct, subprocess, sys, time

requests = socket.socket(fileno=0)

def line(path, **changes):
    data = json.load(open(path))
    text = json.dumps(data["problem"], separators=(",", ":"), sort_keys=True, ensure_ascii=True)
    answer = {"answer": "valid", "kind": data["kind"], "problem_sha256": hashlib.sha256(text.encode()).hexdigest(),
              "steps": 1, "operations": 1, "reason": None, "at": None, **changes}
    return json.dumps(answer).encode() + b"\\n"

def take():
    message, (out, err, replies), _, _ = socket.recv_fds(requests, 8192, 3)
    return message[:16], message[16:].decode(), out, err, replies

def started(replies, token):
    os.write(replies, b"started " + token)

def ended(replies, token, code=0):
    os.write(replies, b"ended " + token + struct.pack("<i", code))

token, path, out, err, replies = take()
"""
_WAIT = "\ntime.sleep(1000)\n"
HONEST = _START + "started(replies, token); os.write(out, line(path)); ended(replies, token)" + _WAIT
"""Says of everything, as a kernel does that is right, that it is valid: shows that the others could be believed."""

_VALID = "os.write(out, line(path))\n"
BEFORE = "os.write(0, b'ended ' + bytes(16) + bytes(4))\n"  # on the channel of requests, before any
FAULTY: dict[str, str] = {
    "it says nothing at all": _START + "os._exit(0)",
    "it is killed before it begins": _START + "os.kill(os.getpid(), 9)",
    "it is killed in the middle": _START + "started(replies, token)\nos.kill(os.getpid(), 9)",
    "it is killed after a valid line": _START + "started(replies, token)\n" + _VALID + "os.kill(os.getpid(), 9)",
    "it is killed in the middle of a line": _START + "started(replies, token)\nos.write(out, line(path)[:50])\n"
    "os.kill(os.getpid(), 9)",
    "it closes every channel": _START + "os.close(out); os.close(err); os.close(replies)" + _WAIT,
    "valid, with the exit code of invalid": _START + "started(replies, token)\n" + _VALID + "ended(replies, token, 1)" + _WAIT,
    "invalid, with the exit code of valid": _START + "started(replies, token)\n"
    "os.write(out, line(path, answer='invalid')); ended(replies, token)" + _WAIT,
    "valid, of a process that was killed": _START + "started(replies, token)\n" + _VALID + "ended(replies, token, -9)" + _WAIT,
    "valid for another problem": _START + "started(replies, token)\n"
    "os.write(out, line(path, problem_sha256='0' * 64)); ended(replies, token)" + _WAIT,
    "valid for another kind": _START + "started(replies, token)\n"
    "os.write(out, line(path, kind='witness')); ended(replies, token)" + _WAIT,
    "valid on standard error": _START + "started(replies, token)\nos.write(err, line(path)); ended(replies, token)" + _WAIT,
    "valid as a reply": _START + "started(replies, token)\nos.write(replies, line(path))" + _WAIT,
    "valid twice": _START + "started(replies, token)\n" + _VALID + _VALID + "ended(replies, token)" + _WAIT,
    "valid and more": _START + "started(replies, token)\n" + _VALID + "os.write(out, b'x'); ended(replies, token)" + _WAIT,
    "no end of its output": _START + "started(replies, token)\nwhile select.select([replies], [out], [])[0] == []: os.write(out, b'x' * 4096)",
    "the token of another": _START + "started(replies, bytes(16))\n" + _VALID + "ended(replies, bytes(16))" + _WAIT,
    "the end of another": _START + "started(replies, token)\n" + _VALID + "ended(replies, bytes(16))" + _WAIT,
    "an end without a beginning": _START + _VALID + "ended(replies, token)" + _WAIT,
    "two beginnings": _START + "started(replies, token); started(replies, token)\n" + _VALID + "ended(replies, token)" + _WAIT,
    "an end that is cut": _START + "started(replies, token)\n" + _VALID + "os.write(replies, b'ended ' + token + b'\\0')" + _WAIT,
    "an end with more": _START + "started(replies, token)\n" + _VALID + "os.write(replies, b'ended ' + token + bytes(8))" + _WAIT,
    "garbage": _START + "os.write(replies, b'valid')" + _WAIT,
    "an end and no line": _START + "started(replies, token); ended(replies, token)" + _WAIT,
    "it speaks before it is asked": _START.replace("token, path", BEFORE + "token, path") + "ended(replies, token)" + _WAIT,
    "no Python": "valid valid",
}  # fmt: skip
"""None of these may lead to an answer that is believed but the plain kernel's."""

HANGS: dict[str, str] = {
    "it never answers": _START + _WAIT,
    "it never ends": _START + "started(replies, token)\n" + _VALID + _WAIT,
    "it never takes a request": "import time" + _WAIT,
    "it waits for the end in vain": _START + "started(replies, token)\nos.close(out); os.close(err)" + _WAIT,
}
"""Nothing is known when the time is up."""

MIXED = _START + """
first, second = (token, path, out, err, replies), take()
os.write(second[2], line(first[1]))
os.write(first[2], line(second[1]))
for token, _, _, _, replies in (first, second):
    started(replies, token)
    ended(replies, token)
time.sleep(1000)
"""
"""Gives each of two requests the line of the other."""
