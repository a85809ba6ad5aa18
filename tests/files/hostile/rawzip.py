"""A ZIP writer that can lie: sizes, counts, names and encryption are what the caller says, not what the data are.

Large members are made of one repeated block, compressed once, so that half a gigabyte of content takes a moment to write.
"""

import hashlib
import hmac
import struct
import zlib

from Cryptodome.Cipher import AES
from Cryptodome.Util import Counter

MIB = 1 << 20
AES_METHOD = 99
# Key size in bits: (code, bytes of salt, bytes of key)
AES_BITS = {128: (1, 8, 16), 256: (3, 16, 32)}


class Packed:
    """A member's data, compressed, with its true figures."""

    def __init__(self, before=b"", block=b"", times=0, after=b""):
        deflate = zlib.compressobj(9, zlib.DEFLATED, -15)
        parts = [deflate.compress(before) + deflate.flush(zlib.Z_FULL_FLUSH)]
        check = zlib.crc32(before)
        if times:
            # After a full flush the compressor remembers nothing, so the same block gives the same bytes again.
            parts.append((deflate.compress(block) + deflate.flush(zlib.Z_FULL_FLUSH)) * times)
            for _ in range(times):
                check = zlib.crc32(block, check)
        parts.append(deflate.compress(after) + deflate.flush(zlib.Z_FINISH))
        self.data = b"".join(parts)
        self.check = zlib.crc32(after, check)
        self.size = len(before) + len(block) * times + len(after)


def filled(before, unit, size, after=b""):
    """About `size` bytes: `unit` again and again between `before` and `after`."""
    block = unit * max(1, MIB // len(unit))
    return Packed(before, block, -(-size // len(block)), after)


def sealed(packed, password, bits=256, salt=b"0123456789abcdef", break_code=False):
    """WinZip's AE-2 form of a member: salt, two bytes to check the password, the encrypted data, a code over them."""
    _, salt_size, key_size = AES_BITS[bits]
    salt = salt[:salt_size]
    keys = hashlib.pbkdf2_hmac("sha1", password.encode(), salt, 1000, 2 * key_size + 2)
    counter = Counter.new(128, little_endian=True)
    body = AES.new(keys[:key_size], AES.MODE_CTR, counter=counter).encrypt(packed.data)
    code = hmac.new(keys[key_size : 2 * key_size], body, hashlib.sha1).digest()[:10]
    if break_code:
        code = bytes(10)
    return salt + keys[2 * key_size :] + body + code


class RawZip:
    """Writes an archive to `path`; use as a context, `add` each member.

    `apart` bytes stand between the wide form's record of the end and what says where that is.
    """

    def __init__(self, path, say_members=None, apart=0):
        self.path, self.say_members, self.apart = path, say_members, apart

    def __enter__(self):
        self.file = open(self.path, "wb")
        self.directory, self.members, self.at = [], 0, 0
        return self

    def add(self, name, packed, password=None, bits=256, say_size=None, say_packed=None, break_code=False):
        """`say_size` and `say_packed` are written, in both places, instead of the true sizes."""
        name = name.encode() if isinstance(name, str) else name
        data, method, flags, extra, check = packed.data, 8, 0x800, b"", packed.check
        if password is not None:
            data = sealed(packed, password, bits, break_code=break_code)
            extra = struct.pack("<HHH2sBH", 0x9901, 7, 2, b"AE", AES_BITS[bits][0], 8)
            method, flags, check = AES_METHOD, 0x801, 0
        size = packed.size if say_size is None else say_size
        stored = len(data) if say_packed is None else say_packed
        # Version 2.0 or 5.1, a date in 2021.
        version, date = 51 if password else 20, 0x52F4
        common = struct.pack("<HHHHH", version, flags, method, 0, date)
        common += struct.pack("<IIIHH", check, stored, size, len(name), len(extra))
        where = struct.pack("<HHHII", 0, 0, 0, 0x81A40000, self.at)
        self.directory.append(struct.pack("<IH", 0x02014B50, 0x033F) + common + where + name + extra)
        for piece in (struct.pack("<I", 0x04034B50) + common, name, extra, data):
            self.file.write(piece)
            self.at += len(piece)
        self.members += 1

    def __exit__(self, *trouble):
        size = 0
        for entry in self.directory:
            self.file.write(entry)
            size += len(entry)
        told = self.members if self.say_members is None else self.say_members
        if told > 0xFFFE:
            self.file.write(
                struct.pack("<IQHHIIQQQQ", 0x06064B50, 44, 45, 45, 0, 0, told, told, size, self.at)
            )
            self.file.write(bytes(self.apart))
            self.file.write(struct.pack("<IIQI", 0x07064B50, 0, self.at + size, 1))
        short = min(told, 0xFFFF)
        self.file.write(struct.pack("<IHHHHIIH", 0x06054B50, 0, 0, short, short, size, self.at, 0))
        self.file.close()
