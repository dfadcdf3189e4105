#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A small client of the Kubernetes CRI for cri.bats, as Debian has no crictl.

cri.py SOCKET FIFO answers requests until the FIFO is removed, as Python and grpc take long to start. A request is a line
of JSON: {"answer": FILE, "call": "RunPodSandbox", "request": {...}} calls the API, {"answer": FILE, "stream": URL, "stdin":
"..."} talks to the streaming server about an exec or attach. FILE gets {"ok": {...}} or {"error": "..."}.
"""
import base64
import json
import os
import socket
import struct
import sys
import threading
import urllib.parse

import grpc
from google.protobuf import descriptor_pb2, json_format, message_factory

# Those parts of the messages that the tests use, with the numbers of k8s.io/cri-api runtime/v1: NAME FIELD:TYPE=NUMBER.
# string is the default type, * is repeated, map is map<string, string>; enums are numbers.
MESSAGES = """
Empty
VersionRequest version=1
VersionResponse version=1 runtime_name=2 runtime_version=3 runtime_api_version=4
StatusRequest verbose:bool=1
RuntimeCondition type=1 status:bool=2 reason=3 message=4
RuntimeStatus conditions:*RuntimeCondition=1
StatusResponse status:RuntimeStatus=1 info:map=2
Int64Value value:int64=1
UInt64Value value:uint64=1
NamespaceOption network:int32=1 pid:int32=2 ipc:int32=3 target_id=4
SecurityProfile profile_type:int32=1 localhost_ref=2
LinuxSandboxSecurityContext namespace_options:NamespaceOption=1 run_as_user:Int64Value=3 readonly_rootfs:bool=4 \
 privileged:bool=6 seccomp:SecurityProfile=9
LinuxContainerResources cpu_period:int64=1 cpu_quota:int64=2 cpu_shares:int64=3 memory_limit_in_bytes:int64=4 \
 oom_score_adj:int64=5 cpuset_cpus=6 cpuset_mems=7 unified:map=9 memory_swap_limit_in_bytes:int64=10
LinuxPodSandboxConfig cgroup_parent=1 security_context:LinuxSandboxSecurityContext=2 sysctls:map=3
PodSandboxMetadata name=1 uid=2 namespace=3 attempt:uint32=4
DNSConfig servers:*string=1 searches:*string=2 options:*string=3
PodSandboxConfig metadata:PodSandboxMetadata=1 hostname=2 log_directory=3 dns_config:DNSConfig=4 labels:map=6 \
 annotations:map=7 linux:LinuxPodSandboxConfig=8
RunPodSandboxRequest config:PodSandboxConfig=1 runtime_handler=2
RunPodSandboxResponse pod_sandbox_id=1
StopPodSandboxRequest pod_sandbox_id=1
RemovePodSandboxRequest pod_sandbox_id=1
PodSandboxStatusRequest pod_sandbox_id=1 verbose:bool=2
PodSandboxNetworkStatus ip=1
PodSandboxStatus id=1 metadata:PodSandboxMetadata=2 state:int32=3 created_at:int64=4 network:PodSandboxNetworkStatus=5 \
 labels:map=7 annotations:map=8 runtime_handler=9
PodSandboxStatusResponse status:PodSandboxStatus=1 info:map=2
PodSandbox id=1 metadata:PodSandboxMetadata=2 state:int32=3
ListPodSandboxRequest
ListPodSandboxResponse items:*PodSandbox=1
ImageSpec image=1
KeyValue key=1 value=2
Mount container_path=1 host_path=2 readonly:bool=3 propagation:int32=5
Device container_path=1 host_path=2 permissions=3
Capability add_capabilities:*string=1 drop_capabilities:*string=2
LinuxContainerSecurityContext capabilities:Capability=1 privileged:bool=2 namespace_options:NamespaceOption=3 \
 run_as_user:Int64Value=5 run_as_username=6 readonly_rootfs:bool=7 supplemental_groups:*int64=8 no_new_privs:bool=11 \
 run_as_group:Int64Value=12 masked_paths:*string=13 readonly_paths:*string=14 seccomp:SecurityProfile=15
LinuxContainerConfig resources:LinuxContainerResources=1 security_context:LinuxContainerSecurityContext=2
ContainerMetadata name=1 attempt:uint32=2
ContainerConfig metadata:ContainerMetadata=1 image:ImageSpec=2 command:*string=3 args:*string=4 working_dir=5 \
 envs:*KeyValue=6 mounts:*Mount=7 devices:*Device=8 labels:map=9 annotations:map=10 log_path=11 stdin:bool=12 \
 stdin_once:bool=13 tty:bool=14 linux:LinuxContainerConfig=15
CreateContainerRequest pod_sandbox_id=1 config:ContainerConfig=2 sandbox_config:PodSandboxConfig=3
CreateContainerResponse container_id=1
StartContainerRequest container_id=1
StopContainerRequest container_id=1 timeout:int64=2
RemoveContainerRequest container_id=1
ContainerFilter id=1 pod_sandbox_id=3
Container id=1 pod_sandbox_id=2 metadata:ContainerMetadata=3 state:int32=6
ListContainersRequest filter:ContainerFilter=1
ListContainersResponse containers:*Container=1
ContainerStatusRequest container_id=1 verbose:bool=2
ContainerStatus id=1 metadata:ContainerMetadata=2 state:int32=3 created_at:int64=4 started_at:int64=5 finished_at:int64=6 \
 exit_code:int32=7 reason=10 message=11 labels:map=12 annotations:map=13 log_path=15
ContainerStatusResponse status:ContainerStatus=1 info:map=2
UpdateContainerResourcesRequest container_id=1 linux:LinuxContainerResources=2
ReopenContainerLogRequest container_id=1
ExecSyncRequest container_id=1 cmd:*string=2 timeout:int64=3
ExecSyncResponse stdout=1 stderr=2 exit_code:int32=3
ExecRequest container_id=1 cmd:*string=2 tty:bool=3 stdin:bool=4 stdout:bool=5 stderr:bool=6
ExecResponse url=1
AttachRequest container_id=1 stdin:bool=2 tty:bool=3 stdout:bool=4 stderr:bool=5
AttachResponse url=1
ContainerAttributes id=1 metadata:ContainerMetadata=2
CpuUsage timestamp:int64=1 usage_core_nano_seconds:UInt64Value=2
MemoryUsage timestamp:int64=1 working_set_bytes:UInt64Value=2
ContainerStats attributes:ContainerAttributes=1 cpu:CpuUsage=2 memory:MemoryUsage=3
ContainerStatsRequest container_id=1
ContainerStatsResponse stats:ContainerStats=1
ListContainerStatsRequest
ListContainerStatsResponse stats:*ContainerStats=1
"""

FIELD = descriptor_pb2.FieldDescriptorProto
SCALARS = {"string": FIELD.TYPE_STRING, "bool": FIELD.TYPE_BOOL, "int32": FIELD.TYPE_INT32, "uint32": FIELD.TYPE_UINT32,
           "int64": FIELD.TYPE_INT64, "uint64": FIELD.TYPE_UINT64}


def add_field(message, name, kind, number):
    field = message.field.add(name=name, number=int(number), label=FIELD.LABEL_OPTIONAL)
    if kind.startswith("*"):
        field.label, kind = FIELD.LABEL_REPEATED, kind[1:]
    if kind == "map":
        entry = message.nested_type.add(name=name.title().replace("_", "") + "Entry")
        entry.options.map_entry = True
        add_field(entry, "key", "string", 1)
        add_field(entry, "value", "string", 2)
        field.label, field.type = FIELD.LABEL_REPEATED, FIELD.TYPE_MESSAGE
        field.type_name = f".runtime.v1.{message.name}.{entry.name}"
    elif kind in SCALARS:
        field.type = SCALARS[kind]
    else:
        field.type, field.type_name = FIELD.TYPE_MESSAGE, f".runtime.v1.{kind}"


def message_classes():
    file = descriptor_pb2.FileDescriptorProto(name="cri.proto", package="runtime.v1", syntax="proto3")
    for line in MESSAGES.strip().splitlines():
        name, *fields = line.split()
        message = file.message_type.add(name=name)
        for field in fields:
            label, number = field.split("=")
            name, _, kind = label.partition(":")
            add_field(message, name, kind or "string", number)
    return message_factory.GetMessages([file])


CLASSES = message_classes()


def message_class(name):
    return CLASSES.get("runtime.v1." + name, CLASSES["runtime.v1.Empty"])


def call(channel, method, request):
    message = json_format.ParseDict(request, message_class(method + "Request")())
    stub = channel.unary_unary("/runtime.v1.RuntimeService/" + method,
                               request_serializer=lambda m: m.SerializeToString(),
                               response_deserializer=message_class(method + "Response").FromString)
    return json_format.MessageToDict(stub(message, timeout=300), preserving_proto_field_name=True,
                                     including_default_value_fields=True)


class Stream:
    """A WebSocket of the streaming server, protocol v4.channel.k8s.io: the first byte of a message is its channel."""

    def __init__(self, url):
        parts = urllib.parse.urlsplit(url)
        self.socket = socket.create_connection((parts.hostname, parts.port), timeout=300)
        self.socket.sendall((f"GET {parts.path}?{parts.query} HTTP/1.1\r\nHost: {parts.netloc}\r\nUpgrade: websocket\r\n"
                             "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nOrigin: http://localhost\r\n"
                             f"Sec-WebSocket-Key: {base64.b64encode(os.urandom(16)).decode()}\r\n"
                             "Sec-WebSocket-Protocol: v4.channel.k8s.io\r\n\r\n").encode())
        self.file = self.socket.makefile("rb")
        answer = self.file.readline().decode()
        if " 101 " not in answer:
            raise OSError("no stream: " + answer)
        while self.file.readline().strip():
            pass

    def send(self, channel, data):
        payload, mask = bytes([channel]) + data, os.urandom(4)
        size = bytes([0x80 | len(payload)]) if len(payload) < 126 else b"\xfe" + struct.pack(">H", len(payload))
        self.socket.sendall(b"\x82" + size + mask + bytes(b ^ mask[i % 4] for i, b in enumerate(payload)))

    def receive(self):
        """The next message, None at the end."""
        head = self.file.read(2)
        if len(head) < 2 or head[0] & 15 == 8:
            return None
        size = head[1] & 127
        if size == 126:
            size = struct.unpack(">H", self.file.read(2))[0]
        elif size == 127:
            size = struct.unpack(">Q", self.file.read(8))[0]
        return self.file.read(size)


def talk(request):
    stream, channels = Stream(request["stream"]), {1: b"", 2: b"", 3: b""}
    if "stdin" in request:
        stream.send(0, request["stdin"].encode())
    while (message := stream.receive()) is not None:
        if message and message[0] in channels:
            channels[message[0]] += message[1:]
        if request.get("until") and request["until"].encode() in channels[1]:
            break
    return {"stdout": channels[1].decode(errors="replace"), "stderr": channels[2].decode(errors="replace"),
            "status": json.loads(channels[3] or b"null")}


def answer(channel, line):
    request = json.loads(line)
    try:
        result = {"ok": talk(request) if "stream" in request else call(channel, request["call"], request["request"])}
    except grpc.RpcError as error:
        result = {"error": error.details()}
    except (json_format.ParseError, OSError, ValueError) as error:
        result = {"error": repr(error)}
    with open(request["answer"] + ".new", "w", encoding="utf-8") as file:
        json.dump(result, file)
    os.rename(file.name, request["answer"])


def main():
    path, fifo = sys.argv[1:]
    channel = grpc.insecure_channel("unix://" + path)
    while os.path.exists(fifo):
        with open(fifo, encoding="utf-8") as file:
            for line in file:
                threading.Thread(target=answer, args=(channel, line), daemon=True).start()


main()
