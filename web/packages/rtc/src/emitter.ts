/** A typed event source. Listeners never break one another: an error in one is reported and the next still runs. */
export class Emitter<Events extends object> {
  private readonly listeners = new Map<keyof Events, Set<(value: never) => void>>()

  /** Listen; the returned function stops listening. */
  on<Name extends keyof Events>(name: Name, listener: (value: Events[Name]) => void): () => void {
    const set = this.listeners.get(name) ?? new Set()
    this.listeners.set(name, set)
    set.add(listener as (value: never) => void)
    return () => set.delete(listener as (value: never) => void)
  }

  /** Wait for the next event of a name. */
  once<Name extends keyof Events>(name: Name): Promise<Events[Name]> {
    return new Promise((resolve) => {
      const stop = this.on(name, (value) => {
        stop()
        resolve(value)
      })
    })
  }

  protected emit<Name extends keyof Events>(name: Name, value: Events[Name]): void {
    for (const listener of [...(this.listeners.get(name) ?? [])]) {
      try {
        ;(listener as (value: Events[Name]) => void)(value)
      } catch (error) {
        console.error('listener failed', name, error)
      }
    }
  }
}
