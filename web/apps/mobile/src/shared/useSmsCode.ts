/** One code by SMS: asked for, waited for, typed, checked; what was refused is said in words. */
import { toProblem } from '@dr/api'
import { problemText } from '@dr/locale'
import { nextTick, ref, type Ref } from 'vue'

export interface SmsCodeOptions {
  /** Ask for a code; rejects with a problem. */
  request(): Promise<{ resend_after_s: number }>
  /** Try what was typed; rejects with a problem. */
  check(code: string): Promise<void>
  readonly boxes: Ref<{ focus(): void } | null>
  /** Whether what was typed is of no more use after this problem. */
  isSpent?(code: string): boolean
}

export function useSmsCode(options: SmsCodeOptions) {
  const code = ref('')
  const isSent = ref(false)
  const isBusy = ref(false)
  const said = ref('')
  const resendAt = ref(0)

  async function run(work: () => Promise<void>): Promise<void> {
    if (isBusy.value) return
    isBusy.value = true
    said.value = ''
    try {
      await work()
    } catch (error) {
      const found = toProblem(error)
      said.value = problemText(found)
      if (found.code === 'SMS_CODE_TOO_SOON') {
        resendAt.value = Date.now() + Number(found.params.retry_after_s ?? 30) * 1000
        isSent.value = true
      }
      if (options.isSpent?.(found.code)) code.value = ''
    } finally {
      isBusy.value = false
    }
  }

  const send = (): Promise<void> =>
    run(async () => {
      const sent = await options.request()
      resendAt.value = Date.now() + sent.resend_after_s * 1000
      isSent.value = true
      code.value = ''
      await nextTick()
      options.boxes.value?.focus()
    })

  const check = (): Promise<void> => run(() => options.check(code.value))

  function reset(): void {
    isSent.value = false
    code.value = ''
    said.value = ''
  }

  return { code, isSent, isBusy, said, resendAt, send, check, reset }
}
