/** Waiting times between attempts: doubles from `first` to `limit` milliseconds, with up to 25 % jitter so that a room does not come back in step. */
export class Backoff {
  private next: number

  constructor(
    private readonly first = 300,
    private readonly limit = 3000,
    private readonly random: () => number = Math.random,
  ) {
    this.next = first
  }

  /** Milliseconds to wait before the coming attempt. */
  delay(): number {
    const base = this.next
    this.next = Math.min(this.limit, this.next * 2)
    return Math.round(base * (1 - 0.25 * this.random()))
  }

  /** After a success. */
  reset(): void {
    this.next = this.first
  }
}
