from .openers import BuiltInOpener, S1Opener
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
    Opener,
    StartStage,
    Work,
)
from .work import CodecFacts, DecodeCodes, DescribeCodec, EncodeRecording, SpeakBatch

__all__ = [
    "BuiltInOpener",
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
    "Opener",
    "S1Opener",
    "SpeakBatch",
    "StartStage",
    "Work",
]
