/* SPDX-License-Identifier: Apache-2.0 */
/* The container's whole workload where its least memory is bisected: static, as little as a C program is. */
int main(void)
{
  return 0;
}
