/* SPDX-License-Identifier: Apache-2.0
 * libFuzzer target: bytes as a list of device rules. The normal form and the program must say of every device
 * what the rules say as they are written; interpreter and oracle are those of the unit test. */
#define main unit_test_main
#include "tests/unit/test_cgroups_devices.c"
#undef main

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define RULES_TRIED 24
#define RULE_BYTES 4

/* Few numbers, so that rules meet each other and the devices that compare() asks for. */
static struct device_rule rule_from(const uint8_t *bytes)
{
  static const int64_t majors[] = { 0, 1, 2, 5, 8, 10, 136, 4095 };
  static const int64_t minors[] = { 0, 1, 2, 3, 5, 8, 200, 1048575 };
  static char *const types[] = { "a", "b", "c", NULL };
  static char *const accesses[] = { "r", "w", "m", "rw", "rm", "wm", "rwm", "mwr" };
  return (struct device_rule){
    .allow = { true, bytes[0] & 1 },
    .type = types[bytes[0] >> 1 & 3],
    .access = accesses[bytes[1] & 7],
    .major = { bytes[2] & 8, majors[bytes[2] & 7] },
    .minor = { bytes[3] & 8, minors[bytes[3] & 7] },
  };
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  struct device_rule rules[RULES_TRIED];
  size_t count = 0;
  for (; count < RULES_TRIED && size >= RULE_BYTES; data += RULE_BYTES, size -= RULE_BYTES)
    rules[count++] = rule_from(data);
  compare(rules, count, NULL);
  if (unit_failed > 0)
    abort();
  return 0;
}
