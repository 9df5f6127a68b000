/* Asks Linux for the matrix registers of newer processors (AMX), which Windows gives to every program and onnxruntime
   uses where the processor has them: unasked, it ends there by an illegal instruction. arch_prctl, ARCH_REQ_XCOMP_PERM,
   XTILEDATA. Fails without harm where there are none. */
int __stdcall DllMainCRTStartup(void *library, unsigned reason, void *reserved) {
  long result = 158;
  if (reason == 1) __asm__ volatile("syscall" : "+a"(result) : "D"(0x1023L), "S"(18L) : "rcx", "r11", "memory");
  return 1;
}
