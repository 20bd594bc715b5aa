"""Each private third-party name that media/transport/private.py touches: a changed one fails here, not in a call."""

import inspect

import aiortc.rtcdtlstransport as dtls
import pylibsrtp
from aioice import stun
from aiortc import RTCCertificate, RTCDtlsTransport
from OpenSSL import SSL
from pylibsrtp import _binding

from media.transport.private import DtlsPipe, SrtpPair, WorkerCertificate, make_dtls


async def test_dtls_transport_takes_a_duck_typed_pipe() -> None:
    transport = make_dtls(DtlsPipe(lambda data: None), RTCCertificate.generateCertificate(), "server", lambda: None)
    assert transport._role == "server"
    assert list(inspect.signature(RTCDtlsTransport._set_role).parameters) == ["self", "role"]
    assert [getattr(transport, name) for name in ("_rx_srtp", "_tx_srtp", "_ssl")] == [None, None, None]
    assert transport._srtp_profiles[0].openssl_profile == b"SRTP_AEAD_AES_128_GCM"


def test_dtls_transport_reads_only_recv_send_role_and_state_of_its_pipe() -> None:
    source = inspect.getsource(RTCDtlsTransport)
    used = {part.split("(")[0].split()[0].strip("),:") for part in source.split("self.transport.")[1:]}
    used |= {part.split("(")[0].split()[0].strip("),:") for part in source.split("self._transport.")[1:]}
    assert used <= {"_recv", "_send", "role", "state", "stop"}


def test_handshakes_of_a_worker_share_one_context_without_memory() -> None:
    """The transport asks its certificate for a context; ours gives each the same, which keeps nothing of past clients."""
    assert "self.__local_certificate._create_ssl_context(" in inspect.getsource(RTCDtlsTransport.start)
    assert list(inspect.signature(RTCCertificate._create_ssl_context).parameters) == ["self", "srtp_profiles"]
    certificate = WorkerCertificate.generateCertificate()
    context = certificate._create_ssl_context(list(dtls.SRTP_PROFILES))
    assert certificate._create_ssl_context(list(dtls.SRTP_PROFILES)) is context
    assert context.set_session_cache_mode(SSL.SESS_CACHE_OFF) == SSL.SESS_CACHE_OFF, "it was something else before"


def test_profiles_exist() -> None:
    assert dtls.SRTP_AEAD_AES_128_GCM in dtls.SRTP_PROFILES
    assert dtls.SRTP_AES128_CM_SHA1_80 in dtls.SRTP_PROFILES


def test_srtp_session_keeps_its_context_in_a_cell() -> None:
    policy = pylibsrtp.Policy(key=bytes(30), ssrc_type=pylibsrtp.Policy.SSRC_ANY_OUTBOUND)
    session = pylibsrtp.Session(policy)
    assert _binding.ffi.typeof(session._srtp) is _binding.ffi.typeof("srtp_t *")
    for name in ("srtp_protect", "srtp_unprotect", "srtp_protect_rtcp", "srtp_unprotect_rtcp"):
        assert callable(getattr(_binding.lib, name))
    assert _binding.lib.srtp_err_status_ok == 0
    assert set(SrtpPair.__slots__) == {"_keep", "_rx", "_tx"}


def test_stun_shape() -> None:
    message = stun.Message(stun.Method.BINDING, stun.Class.REQUEST)
    message.add_message_integrity(b"secret")
    parsed = stun.parse_message(bytes(message))
    assert parsed.check_message_integrity(b"secret")
    assert not parsed.check_message_integrity(b"other")
