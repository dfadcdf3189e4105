/* SPDX-License-Identifier: Apache-2.0
 * base/trace: what is written opens as a Chrome trace. */
#include "libcontainer/base/trace.h"
#include "libcontainer/base/file.h"
#include "tests/unit/unit.h"
#include <fcntl.h>

int main(void)
{
  (void)unit_temp_dir();
  CHECK(!trace_on());
  CHECK_NUMBER(trace_now(), 0);
  trace_span("runtime", "step", "off", 0);
  trace_foreign_span("init", "step", "off", 1, 1);
  trace_finish();

  int fd = open("trace", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  trace_start(fd);
  CHECK(trace_on());
  uint64_t start = trace_now();
  CHECK(start > 0);
  trace_foreign_span("init", "step", "mounts", 1234567, 2000001);
  trace_foreign_span("init", "step", "no start", 0, 5);
  trace_span("runtime", "message", "hook \"x\"\n", start);
  trace_finish();
  CHECK(!trace_on());
  CHECK(fcntl(fd, F_GETFD) < 0);

  char text[4096];
  CHECK(file_read_small(AT_FDCWD, "trace", text, sizeof text) > 0);
  CHECK(strstr(text, "[\n{\"name\":\"process_name\",\"ph\":\"M\",\"pid\":1,") == text);
  CHECK(strstr(text, ",\n{\"name\":\"mounts\",\"cat\":\"step\",\"ph\":\"X\",\"ts\":1234.567,\"dur\":2000.001,"
                     "\"pid\":2,\"tid\":2}")
        != NULL);
  CHECK(strstr(text, "\"name\":\"no start\",\"cat\":\"step\",\"ph\":\"X\",\"ts\":0.") == NULL);
  CHECK(strstr(text, "{\"name\":\"hook \\\"x\\\"\\n\",\"cat\":\"message\",") != NULL);
  CHECK_STRING(text + strlen(text) - 13, "1,\"tid\":1}\n]\n");
  return unit_finish();
}
