from .process import EngineProcess
from .protocol import (
    HostEnded,
    HostFailed,
    HostLimits,
    HostPong,
    HostProgress,
    HostReady,
    HostReply,
    HostSaid,
    Work,
)
from .work import CodecFacts, DecodeCodes, DescribeCodec, EncodeRecording, SpeakBatch

__all__ = [
    "CodecFacts",
    "DecodeCodes",
    "DescribeCodec",
    "EncodeRecording",
    "EngineProcess",
    "HostEnded",
    "HostFailed",
    "HostLimits",
    "HostPong",
    "HostProgress",
    "HostReady",
    "HostReply",
    "HostSaid",
    "SpeakBatch",
    "Work",
]
