import {syncBuiltinESMExports} from 'node:module';
import {tool} from '../bindgen/tools.ts';
import {errors} from '../errors.ts';
import type {TestContext} from './context.ts';

/** Time in the hands of a test. */
export interface Clock {
	/** Milliseconds since 1970, as everybody sees them. */
	readonly now: number;
	/** Lets so many milliseconds pass. Timers fire in their order, each with what follows from it done before the next. */
	advance(milliseconds: number): Promise<void>;
}

/** What is faked. `setImmediate` and microtasks are not: they are order, not time. */
const faked = ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date', 'performance', 'hrtime'] as const;

let held: Clock | undefined;

/** The clock of the test that has one. */
export const heldClock = (): Clock | undefined => held;

/**
 * Stops the clock of this process for one test: `Date`, `performance`, timers and `AbortSignal.timeout`, as the plugin, the kernel and the test see
 * them, begin at `start` and go on by `advance` alone. Tests with a clock must be serial. Throws FORGE_TEST_CLOCK, FORGE_BINDGEN_TOOL.
 */
export async function fakeClock(t: TestContext, start: number | string | Date = '2026-01-01T00:00:00Z'): Promise<Clock> {
	const {install} = await tool('@sinonjs/fake-timers', () => import('@sinonjs/fake-timers'));
	if (held) throw errors.FORGE_TEST_CLOCK();
	const timers = install({now: new Date(start), toFake: [...faked]});
	const {timeout} = AbortSignal;
	AbortSignal.timeout = milliseconds => {
		const controller = new AbortController();
		const late = () => controller.abort(new DOMException('The operation was aborted due to timeout', 'TimeoutError'));
		setTimeout(late, milliseconds).unref();
		return controller.signal;
	};
	// For those who imported them by name from node:timers.
	syncBuiltinESMExports();
	const clock: Clock = {
		get now() {
			return timers.now;
		},
		advance: async milliseconds => void (await timers.tickAsync(milliseconds)),
	};
	held = clock;
	t.teardown(() => {
		timers.uninstall();
		AbortSignal.timeout = timeout;
		syncBuiltinESMExports();
		held = undefined;
	});
	return clock;
}
