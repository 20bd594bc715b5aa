"""One UDP port for every client of a worker: ICE-lite, DTLS, SRTP. Moves packets; knows nothing of rooms."""
