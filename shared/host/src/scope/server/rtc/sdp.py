"""What is changed in offers and answers, as text."""

import re

# Of pictures that a browser sends, in kbit/s. Chromium begins at 300 and trusts aiortc's estimates (REMB) to go on from
# there, which grow by 8 % a second: 720p had 11 pictures a second at first, and 23 after twelve seconds.
START_KBITS = 3000
_RTPMAP = re.compile(r"a=rtpmap:(\d+) (VP8|H264)/90000\r\n")

# What browsers hide their addresses behind (mDNS).
NAME = ".local "


def without_names(sdp: str) -> str:
    """An offer without candidates whose address is a name of mDNS, nor the word that there are no others.

    Where such names do not resolve, aioice is left without any candidate and gives up. A client that can reach this
    server needs none: it is known from its first check (peer-reflexive, RFC 8445, section 7.3.1.3).
    """
    if NAME not in sdp:
        return sdp
    lines = [line for line in sdp.splitlines() if not (line.startswith("a=candidate:") and NAME in line)]
    return "\r\n".join(line for line in lines if line != "a=end-of-candidates") + "\r\n"


def with_start_bitrate(answer: str) -> str:
    """An answer that has Chromium send video with START_KBITS at first (`x-google-start-bitrate`); others pass over it.

    Both codecs stand in sections of video only, and where the answer's side sends alone nobody reads the parameter.
    """
    parameter = f"x-google-start-bitrate={START_KBITS}"
    for number, _ in _RTPMAP.findall(answer):
        known = f"a=fmtp:{number} "
        if known in answer:
            answer = re.sub(rf"({known}.*)\r\n", rf"\1;{parameter}\r\n", answer)
        else:
            answer = re.sub(rf"(a=rtpmap:{number} .*\r\n)", rf"\1{known}{parameter}\r\n", answer)
    return answer
