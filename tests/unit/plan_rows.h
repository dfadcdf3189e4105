/* SPDX-License-Identifier: Apache-2.0
 * What the planners have to say of a config on any host, in the form of semantic_rows.h. For check_input,
 * which runs hull. */
#pragma once
#include "tests/unit/semantic_rows.h"

#define MOUNT_NS "\"namespaces\":[{\"type\":\"mount\"}]"
#define MOUNT_AND_USER_NS "\"namespaces\":[{\"type\":\"mount\"},{\"type\":\"user\"}]"
#define MAPS "\"uidMappings\":[" MAP(0, 1000, 10) "],\"gidMappings\":[" MAP(0, 1000, 10) "]"
#define ONLY LINUX(MOUNT_NS)
#define MAPPED LINUX(MOUNT_AND_USER_NS "," MAPS)
#define MOUNTED(members) ONLY ",\"mounts\":[{\"destination\":\"/a\"," members "}]"
#define BOUND(option) MOUNTED("\"source\":\"/b\",\"options\":[\"bind\",\"" option "\"]")
#define IDMAP(map) MOUNTED("\"source\":\"/b\",\"options\":[\"bind\",\"idmap=" map "\"]")
#define ANNOTATED(key, value) ONLY ",\"annotations\":{\"" key "\":\"" value "\"}"
#define RUNS(members) ONLY "," PROCESS(members)
#define SCHEDULED(members) RUNS("\"scheduler\":{" members "}")
#define POLICY(members) LINUX(MOUNT_NS ",\"memoryPolicy\":{" members "}")

static const struct {
  const char *members, *wrong;
} plan_rows[] = {
  { "\"hostname\":\"\"", "/linux/namespaces: a mount namespace is needed" },

  { BOUND("rnoatim"), "/mounts/0/options/1: unknown mount option 'rnoatim' (did you mean 'rnoatime'?)" },
  { BOUND("size=1"),
    "/mounts/0/options/1: unknown mount option 'size=1': a bind mount takes no file system" },
  { MOUNTED("\"type\":\"tmpfs\",\"options\":[\"copy-symlink\"]"),
    "/mounts/0/options/0: 'copy-symlink' is for bind mounts only" },
  { MOUNTED("\"type\":\"tmpfs\",\"options\":[\"src-nofollow\"]"),
    "/mounts/0/options/0: 'src-nofollow' is for bind mounts only" },
  { MOUNTED("\"source\":\"/b\""), "/mounts/0/type: a type is needed" },
  { MOUNTED("\"type\":\"\""), "/mounts/0/type: a type is needed" },
  { ONLY ",\"mounts\":[{\"destination\":\"/\",\"type\":\"tmpfs\"}]",
    "/mounts/0/destination: a mount cannot cover the root" },
  { ONLY ",\"mounts\":[{\"destination\":\"/a/..//.\",\"type\":\"tmpfs\"}]",
    "/mounts/0/destination: a mount cannot cover the root" },
  { BOUND("tmpcopyup"), "/mounts/0/options: tmpcopyup is for type tmpfs only" },
  { MOUNTED("\"type\":\"tmpfs\",\"options\":[\"tmpupper\"]"),
    "/mounts/0/options: tmpupper is for type overlay only" },
  { MOUNTED("\"type\":\"overlay\",\"options\":[\"tmpupper\",\"lowerdir=/b\"]"),
    "/mounts/0/options: tmpupper makes the layers itself" },
  { BOUND("idmap"), "/mounts/0/options: 'idmap' needs uidMappings and gidMappings" },
  { MOUNTED("\"type\":\"tmpfs\",\"options\":[\"idmap\"]"),
    "/mounts/0/options: only bind mounts can be id-mapped" },
  { IDMAP("uids=0-1"), "/mounts/0/options/1: '0-1' is no map" },
  { IDMAP("uids=0-1-2-3"), "/mounts/0/options/1: '0-1-2-3' is no map" },
  { IDMAP("users=0-1-2"), "/mounts/0/options/1: 'users=0-1-2' should be uids=" },
  { IDMAP("uids=0-1-2"), "/mounts/0/options/1: maps for both uids and gids are needed" },
  { MAPPED
    ",\"mounts\":[{\"destination\":\"/a\",\"source\":\"/b\",\"options\":[\"bind\",\"idmap=uids=@0-10-1;"
    "gids=0-0-1\"]}]",
    "/mounts/0/options/1: '10' is not mapped in the container's user namespace" },
  { MAPPED ",\"mounts\":[{\"destination\":\"/a\",\"type\":\"tmpfs\",\"options\":[\"uid=10\"]}]",
    "/mounts/0/options: uid=10 is not mapped in the user namespace" },
  { LINUX(MOUNT_NS ",\"maskedPaths\":[\"/a\",\"/b/..\"]"), "/linux/maskedPaths/1: the root cannot be" },
  { LINUX(MOUNT_NS ",\"readonlyPaths\":[\"/\"]"), "/linux/readonlyPaths/0: the root cannot be" },

  { ANNOTATED("run.oci.mount_context_type", "label"),
    "/annotations/run.oci.mount_context_type: 'label' should" },
  { ANNOTATED("run.oci.hooks.stdout", "log"),
    "/annotations/run.oci.hooks.stdout: 'log' should be an absolute" },
  { ANNOTATED("run.oci.hooks.stderr", "log"),
    "/annotations/run.oci.hooks.stderr: 'log' should be an absolute" },
  { RUNS("\"noNewPrivileges\":true") ",\"annotations\":{\"run.oci.keep_original_groups\":\"yes\"}",
    "/annotations/run.oci.keep_original_groups: 'yes' should be '1' or '0'" },

  { MAPPED "," PROCESS("\"user\":{\"uid\":10,\"gid\":0}"), "/process/user/uid: uid 10 is not mapped" },
  { MAPPED "," PROCESS("\"user\":{\"uid\":0,\"gid\":10}"), "/process/user/gid: gid 10 is not mapped" },
  { MAPPED "," PROCESS("\"user\":{\"uid\":0,\"gid\":0,\"additionalGids\":[1,10]}"),
    "/process/user/additionalGids/1: gid 10 is not mapped" },
  { SCHEDULED("\"policy\":\"SCHED_OTHER\",\"nice\":20"), "/process/scheduler/nice: 20 is not between" },
  { SCHEDULED("\"policy\":\"SCHED_BATCH\",\"priority\":1"), "/process/scheduler/priority: only SCHED_FIFO" },
  { SCHEDULED("\"policy\":\"SCHED_FIFO\""), "/process/scheduler/priority: SCHED_FIFO and SCHED_RR take 1" },
  { SCHEDULED("\"policy\":\"SCHED_RR\",\"priority\":100"), "/process/scheduler/priority: SCHED_FIFO and" },
  { SCHEDULED("\"policy\":\"SCHED_RR\",\"priority\":1,\"runtime\":1"),
    "/process/scheduler: only SCHED_DEADLINE" },
  { SCHEDULED("\"policy\":\"SCHED_DEADLINE\",\"runtime\":3,\"deadline\":2,\"period\":4"),
    "/process/scheduler: SCHED_DEADLINE takes 0 < runtime" },
  { RUNS("\"ioPriority\":{\"class\":\"IOPRIO_CLASS_BE\",\"priority\":8}"),
    "/process/ioPriority/priority: 8 is not between 0 and 7" },
  { RUNS("\"execCPUAffinity\":{\"initial\":\"3-1\"}"),
    "/process/execCPUAffinity/initial: '3-1' is no list of numbers" },
  { RUNS("\"execCPUAffinity\":{\"final\":\"1,,2\"}"),
    "/process/execCPUAffinity/final: '1,,2' is no list of numbers" },
  { RUNS("\"apparmorProfile\":\"a\\nb\""), "/process/apparmorProfile: a label is one line" },
  { RUNS("\"selinuxLabel\":\"a\\n\""), "/process/selinuxLabel: a label is one line" },

  { POLICY("\"mode\":\"MPOL_LOCAL\",\"nodes\":\"0\""),
    "/linux/memoryPolicy/nodes: MPOL_LOCAL takes no nodes" },
  { POLICY("\"mode\":\"MPOL_BIND\""), "/linux/memoryPolicy/nodes: MPOL_BIND needs at least one node" },
  { POLICY("\"mode\":\"MPOL_BIND\",\"nodes\":\"a\""),
    "/linux/memoryPolicy/nodes: 'a' is no list of numbers" },
  { LINUX(MOUNT_NS ",\"personality\":{\"domain\":\"LINUX\",\"flags\":[\"x\"]}"),
    "/linux/personality/flags: runtime-spec knows no flags" },

  /* More than one at once, of each kind: the second one is what is looked for. */
  { "\"process\":{\"cwd\":7,\"args\":[\"sh\"]},\"mounts\":[{\"destination\":\"/a\"}]",
    "/mounts/0/type: a type is needed" },
  { "\"hostname\":\"h\",\"mounts\":[{\"destination\":\"/a\"}]", "/mounts/0/type: a type is needed" },
  { LINUX(MOUNT_NS ",\"resources\":{\"cpu\":{\"shares\":1},\"pids\":{\"limit\":-7}},\"maskedPaths\":[\"/\"]"),
    "/linux/maskedPaths/0: the root" },
};
