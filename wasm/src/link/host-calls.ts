import {into} from '../abi/async/host-source.ts';
import {cancelled, type OnCancel, type OnResolve, type OnStart} from '../abi/async/thread.ts';
import {runtime} from '../abi/runtime.ts';
import type {Store} from '../abi/store.ts';
import {errors} from '../errors.ts';
import {ComponentError} from '../trap.ts';
import type {HostFunction, TaskFunction} from './values.ts';

// Any function or class of the host's.
type Callable = (...args: unknown[]) => unknown;

function invoke({calling, target, self}: HostFunction, args: unknown[]): unknown {
	if (calling === 'new') return Reflect.construct(target as Callable, args);
	if (calling !== 'method') return (target as Callable).apply(self, args);
	const [of, ...rest] = args;
	return (of as Record<string, Callable>)[target as string]?.(...rest);
}

/** Calls an async function of the host's: it may return a promise. When it is cancelled, what becomes of that is of no account. */
export function callHost(store: Store, value: HostFunction, onStart: OnStart, onResolve: OnResolve): OnCancel {
	const fails = value.type.result?.kind === 'result';
	let ended = false;
	const resolve = (result: unknown): void => {
		if (!ended) onResolve(result);
	};
	const settle = (result: unknown): void => resolve(fails ? {tag: 'ok', val: result} : result);
	const fail = (error: unknown): void => {
		if (ended) return;
		if (!fails) throw error;
		const val = runtime.signalled(error);
		try {
			resolve({tag: 'err', val});
		} catch (unfit) {
			throw runtime.unfit(unfit, error);
		}
	};
	const attempt = (): unknown => {
		try {
			return invoke(value, args);
		} catch (error) {
			return new Failed(error);
		}
	};
	const args = onStart();
	const result = attempt();
	if (result instanceof Failed) fail(result.error);
	else if (result instanceof Promise) {
		result.then(
			given => into(store, () => settle(given)),
			error => into(store, () => fail(error)),
		);
	} else settle(result);
	return () => {
		resolve(cancelled);
		ended = true;
	};
}

class Failed {
	readonly error: unknown;
	constructor(error: unknown) {
		this.error = error;
	}
}

/** An async export as the host calls it: it returns a promise, which is rejected with the error of a `result`. */
export function promised(store: Store, {type, call}: TaskFunction): Callable {
	return (...args) =>
		new Promise((resolve, reject) => {
			if (store.dead !== undefined) return reject(errors.FORGE_INSTANCE_DEAD({reason: store.dead.message}, {cause: store.dead}));
			const lose = (reason: unknown): void => {
				store.hopes.delete(lose);
				reject(reason);
			};
			const settle = (result: unknown): void => {
				// What the ABI lifts for a result is of this shape.
				const {tag, val} = type.result?.kind === 'result' ? (result as {tag: string; val: unknown}) : {tag: 'ok', val: result};
				if (tag === 'ok') resolve(val);
				else reject(new ComponentError(val));
			};
			store.hopes.add(lose);
			const onResolve = (result: unknown): void => {
				store.hopes.delete(lose);
				settle(result);
			};
			try {
				call(undefined, () => args, onResolve, lose);
			} catch (error) {
				const reason = store.kill(error);
				if (!store.doomed) lose(reason);
			}
		});
}
