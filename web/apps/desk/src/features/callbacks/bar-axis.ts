/** Where the axis of a bar chart ends: whole numbers at its middle and its end, and the whole share for percentages. */
export function axisTop(largest: number, isShare: boolean): number {
  if (isShare) return 100
  const step = 10 ** Math.floor(Math.log10(Math.max(1, largest)))
  return [1, 2, 4, 6, 10].map((factor) => factor * step).find((top) => top >= largest && top % 2 === 0) ?? 10 * step
}
