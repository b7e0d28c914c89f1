import {type Body, blocking, direct} from '../abi/async/functions.ts';
import {Blocked, type Scheduler} from '../abi/async/scheduler.ts';
import {blocked, type Waitable} from '../abi/async/waitable.ts';
import type {Guest, Store} from '../abi/store.ts';
import type {BuiltinDef} from '../decode/ast.ts';
import {Trap} from '../trap.ts';
import type {Code} from './bindings.ts';
import type {CoreFunction, Frame} from './values.ts';

/** What the makers of built-ins are given. */
export interface Making {
	readonly store: Store;
	readonly code: Code;
	readonly frame: Frame;
	readonly guest: Guest;
	readonly scheduler: Scheduler;
	readonly def: BuiltinDef;
}

/** Makes a built-in. */
export type Make = (making: Making) => CoreFunction;

/** A built-in that never waits. */
export const at =
	(body: (making: Making) => Body): Make =>
	making =>
		direct(making.scheduler, making.guest, body(making));

/** Gives the event of a waitable when it has come to its end, or that it is yet to. */
export function outcome({async}: BuiltinDef, waitable: Waitable, ended = (): boolean => waitable.pending): unknown {
	const take = (): number => waitable.take()[2];
	if (ended()) return take();
	if (async) return blocked;
	waitable.waited = true;
	return new Blocked(ended, () => {
		waitable.waited = false;
		return take();
	});
}

/** A function that waits only where it is not async. */
export const perhaps =
	(params: string, body: (making: Making) => Body): Make =>
	making =>
		making.def.async
			? direct(making.scheduler, making.guest, body(making))
			: blocking(making.scheduler, making.guest, {params, results: 'i'}, body(making));

/** Refuses to wait for a waitable that a set is waited for with. */
export const unjoined = ({async}: BuiltinDef, waitable: Waitable): void => {
	if (waitable.joined && !async) throw new Trap('waitable cannot be used synchronously while added to a waitable-set');
};
