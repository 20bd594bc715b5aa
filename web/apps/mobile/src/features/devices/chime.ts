/** Two soft tones, to hear whether the phone's sound is on. */
export async function chime(): Promise<void> {
  const context = new AudioContext()
  await context.resume()
  for (const [index, frequency] of [523.25, 659.25].entries()) {
    const at = context.currentTime + index * 0.28
    const tone = context.createOscillator()
    const gain = context.createGain()
    tone.frequency.value = frequency
    gain.gain.setValueAtTime(0.0001, at)
    gain.gain.exponentialRampToValueAtTime(0.3, at + 0.03)
    gain.gain.exponentialRampToValueAtTime(0.0001, at + 0.5)
    tone.connect(gain).connect(context.destination)
    tone.start(at)
    tone.stop(at + 0.55)
  }
  await new Promise((resolve) => setTimeout(resolve, 1200))
  await context.close()
}
