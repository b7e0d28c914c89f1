import {Trap} from '../../trap.ts';
import type {Guest} from '../store.ts';
import {Blocked, type Scheduler} from './scheduler.ts';
import {exit, type Flat, next} from './shims.ts';
import type {Thread} from './thread.ts';

/** What a core function does, for the thread that calls it. */
export type Body = (thread: Thread, ...args: never[]) => unknown;

// A function of core WebAssembly, which V8 gives what its type says.
type Core = (...args: unknown[]) => unknown;

/** The running thread, about to call out of its instance. */
function leaving(scheduler: Scheduler, guest: Guest): Thread {
	const thread = scheduler.running(guest);
	if (!guest.mayLeave) throw new Trap('cannot leave component instance');
	return thread;
}

/** A core function of the running thread that stays within its instance. */
export const within =
	(scheduler: Scheduler, guest: Guest, body: Body): Core =>
	(...args) =>
		scheduler.fatally(() => body(scheduler.running(guest), ...(args as never[])));

/** A core function that never waits. */
export const direct =
	(scheduler: Scheduler, guest: Guest, body: Body): Core =>
	(...args) =>
		scheduler.fatally(() => body(leaving(scheduler, guest), ...(args as never[])));

/** A core function that may have to wait: its body gives the result, or `Blocked`. */
export function blocking(scheduler: Scheduler, guest: Guest, flat: Flat, body: Body): Core {
	guest.blocks = true;
	// Nothing runs between the steps that share it.
	let result: unknown;
	const start = (args: never[]): boolean => {
		const thread = leaving(scheduler, guest);
		result = body(thread, ...args);
		if (!(result instanceof Blocked)) return false;
		const ready = result.ready();
		result = ready ? result.finish() : scheduler.block(thread, result);
		return !ready;
	};
	return exit(flat, {
		start: (...args) => scheduler.fatally(() => start(args)),
		suspend: () => scheduler.suspend(result as number),
		again: number => {
			if (scheduler.ended) return next.end;
			return scheduler.fatally(() => {
				const finish = scheduler.resume(number);
				result = finish === undefined ? number : finish();
				return finish === undefined ? next.wait : next.go;
			});
		},
		finish: () => result,
	}) as Core;
}
