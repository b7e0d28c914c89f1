/** The middle of some numbers. */
export function median(values: readonly number[]): number {
	const sorted = values.toSorted((a, b) => a - b);
	return sorted[sorted.length >> 1] ?? Number.NaN;
}

/** Nanoseconds that one call takes: the median of rounds that are long enough to be measured, after one to warm up. */
export async function perCall(call: () => unknown, rounds = 9): Promise<number> {
	const timed = async (count: number): Promise<number> => {
		const start = performance.now();
		for (let i = 0; i < count; i++) {
			const result = call();
			if (result instanceof Promise) await result;
		}
		return performance.now() - start;
	};
	let count = 1000;
	while ((await timed(count)) < 20) count *= 4;
	const times: number[] = [];
	for (let i = 0; i < rounds; i++) times.push(((await timed(count)) / count) * 1e6);
	return median(times);
}

/** Prints rows under a head, as a table in Markdown. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): void {
	for (const row of [head, head.map(() => '---'), ...rows]) console.log(`| ${row.join(' | ')} |`);
}

/** `3.42x`, for a ratio. */
export const times = (ratio: number): string => `${ratio >= 100 ? ratio.toFixed(0) : ratio.toFixed(2)}x`;
