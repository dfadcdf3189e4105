/* SPDX-License-Identifier: Apache-2.0
 * JSON pointers, for messages. */
#include "spec/pointer.h"

#include <stdio.h>

static void add(struct pointer *p, char c)
{
  if (p->length + 1 < sizeof p->text)
    p->text[p->length++] = c;
  p->text[p->length] = '\0';
}

static void add_all(struct pointer *p, const char *s)
{
  for (; *s; s++)
    add(p, *s);
}

void pointer_init(struct pointer *p, const char *start)
{
  p->length = 0;
  p->text[0] = '\0';
  add_all(p, start);
}

void pointer_push(struct pointer *p, const char *key)
{
  add(p, '/');
  for (; *key; key++) {
    if (*key == '~')
      add_all(p, "~0");
    else if (*key == '/')
      add_all(p, "~1");
    else
      add(p, (unsigned char)*key < ' ' || *key == 127 ? '?' : *key); /* one problem, one line of output */
  }
}

void pointer_push_index(struct pointer *p, size_t index)
{
  char digits[24];
  snprintf(digits, sizeof digits, "/%zu", index);
  add_all(p, digits);
}

void pointer_pop(struct pointer *p, size_t length)
{
  p->length = length;
  p->text[length] = '\0';
}
