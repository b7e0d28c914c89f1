import {compileReturn, returnNeeds} from '../abi/async/convert.ts';
import {blocking, direct, within} from '../abi/async/functions.ts';
import {Blocked, schedulerOf} from '../abi/async/scheduler.ts';
import {Subtask} from '../abi/async/subtask.ts';
import {queueOf, type Thread} from '../abi/async/thread.ts';
import {ErrorContext} from '../abi/async/values.ts';
import {type Event, Waitable, WaitableSet} from '../abi/async/waitable.ts';
import type {Store} from '../abi/store.ts';
import {type encodings, type Realloc, range} from '../abi/strings.ts';
import type {Builtin, BuiltinDef} from '../decode/ast.ts';
import {Trap} from '../trap.ts';
import {types} from '../types.ts';
import {bindings, type Code, once, views} from './bindings.ts';
import {carriers} from './carriers.ts';
import {at, type Make, type Making, outcome, perhaps, unjoined} from './making.ts';
import {valueAt} from './types.ts';
import type {CoreFunction, Frame} from './values.ts';

/** The largest that back pressure can be, plus one. */
const pressures = 2 ** 16;

const press =
	(change: (before: number, to: number) => number): Make =>
	({guest, scheduler}) =>
		within(scheduler, guest, (_, to: number) => {
			const queue = queueOf(guest);
			queue.backpressure = change(queue.backpressure, to);
			scheduler.pump();
			if (queue.backpressure < 0 || queue.backpressure >= pressures) throw new Trap('backpressure counter overflow');
		});

const taskReturn: Make = ({store, code, frame, guest, scheduler, def: {result, options}}) => {
	const type = typeof result === 'number' ? valueAt(frame, result) : result && types.primitive(result);
	const bound = bindings(store, frame, options, returnNeeds(type));
	const bind = once(code.functions, `return ${type?.key ?? '_'}`, () => compileReturn(type));
	const lift = bind(...bound, undefined, undefined, [], undefined) as CoreFunction;
	const memory = options.memory === undefined ? undefined : frame.spaces['core memory'][options.memory];
	return direct(scheduler, guest, ({task}, ...core: unknown[]) => {
		const {lifted} = task;
		const fits = lifted.returns && lifted.type.result?.key === type?.key && lifted.encoding === options.encoding;
		if (!fits || (memory !== undefined && memory !== lifted.memory))
			throw new Trap('invalid `task.return` signature and/or options for current task');
		task.return(lift(...core));
	});
};

/** Writes the rest of an event where the guest wants it, and gives its code. */
function told({frame, def}: Making): (pointer: number, event: Event) => number {
	const memory = frame.spaces['core memory'][def.options.memory as number] as WebAssembly.Memory;
	const view = views(memory);
	return (pointer, [code, index, payload]) => {
		view.live();
		range(view, pointer >>> 0, 8, 4);
		view.u32[pointer >>> 2] = index;
		view.u32[(pointer >>> 2) + 1] = payload;
		return code;
	};
}

const wait: Make = making => {
	const tell = told(making);
	return blocking(making.scheduler, making.guest, {params: 'ii', results: 'i'}, (_: Thread, index: number, pointer: number) => {
		const set = making.guest.handles.kept(index, WaitableSet);
		set.waiting++;
		const finish = (): number => {
			set.waiting--;
			return tell(pointer, set.take());
		};
		return new Blocked(() => set.pending, finish);
	});
};

const cancelSubtask = perhaps('i', ({guest, def}) => (_: Thread, index: number) => {
	const subtask = guest.handles.kept(index, Subtask);
	if (subtask.delivered) throw new Trap('`subtask.cancel` called after terminal status delivered');
	if (subtask.cancelling) throw new Trap('`subtask.cancel` called twice');
	unjoined(def, subtask);
	if (!subtask.resolved) {
		subtask.cancelling = true;
		subtask.onCancel?.(guest);
	}
	// That it has begun is an event too, but not its end.
	return outcome(def, subtask, () => subtask.resolved);
});

const makers: Readonly<Record<Builtin, Make>> = {
	'task.return': taskReturn,
	'task.cancel': at(() => ({task}: Thread) => {
		if (!task.lifted.returns) throw new Trap('`task.cancel` called by a task without the async option');
		task.cancel();
	}),
	'subtask.cancel': cancelSubtask,
	'subtask.drop': at(({guest}) => (_: Thread, index: number) => {
		guest.handles.kept(index, Subtask).drop();
		guest.handles.release(index, Subtask);
	}),
	'backpressure.set': press((_, to) => (to === 0 ? 0 : 1)),
	'backpressure.inc': press(before => before + 1),
	'backpressure.dec': press(before => before - 1),
	'context.get': ({guest, scheduler, def: {slot}}) => within(scheduler, guest, ({context}) => context[slot]),
	'context.set': ({guest, scheduler, def: {slot}}) =>
		within(scheduler, guest, ({context}, value: number) => {
			context[slot] = value;
		}),
	'thread.yield': ({guest, scheduler}) =>
		blocking(scheduler, guest, {params: '', results: 'i'}, ({task}: Thread) =>
			task.async ? new Blocked(scheduler.yielded(), () => 0) : 0,
		),
	'waitable-set.new': at(
		({guest}) =>
			() =>
				guest.handles.keep(new WaitableSet()),
	),
	'waitable-set.wait': wait,
	'waitable-set.poll': at(making => {
		const tell = told(making);
		return (_: Thread, index: number, pointer: number) => tell(pointer, making.guest.handles.kept(index, WaitableSet).take());
	}),
	'waitable-set.drop': at(({guest}) => (_: Thread, index: number) => {
		guest.handles.kept(index, WaitableSet).drop();
		guest.handles.release(index, WaitableSet);
	}),
	'waitable.join': at(({guest}) => (_: Thread, index: number, set: number) => {
		const waitable = guest.handles.kept(index, Waitable);
		waitable.join(set === 0 ? undefined : guest.handles.kept(set, WaitableSet));
	}),
	...carriers('stream'),
	...carriers('future'),
	'error-context.new': at(({store, frame, guest, def}) => {
		const [, , view, , lift] = bindings(store, frame, def.options, {memory: true, realloc: false}) as StringBindings;
		return (_: Thread, pointer: number, units: number) => {
			store.left = store.budget;
			const charge = (bytes: number): void => {
				store.left -= bytes;
				if (store.left < 0) store.overBudget();
				store.passage.left -= bytes;
				if (store.passage.left < 0) store.passage.look();
			};
			return guest.handles.keep(new ErrorContext(lift(view.live(), pointer >>> 0, units >>> 0, charge)));
		};
	}),
	'error-context.debug-message': at(({store, frame, guest, def}) => {
		const [, , view, realloc, , lower] = bindings(store, frame, def.options, {memory: true, realloc: true}) as StringBindings;
		return (_: Thread, index: number, pointer: number) => {
			const {error} = guest.handles.kept(index, ErrorContext);
			guest.mayLeave = false;
			const at = lower(view.live(), realloc, error.message);
			guest.mayLeave = true;
			range(view, pointer >>> 0, 8, 4);
			view.u32[pointer >>> 2] = at;
			view.u32[(pointer >>> 2) + 1] = view.units;
		};
	}),
	'error-context.drop': at(
		({guest}) =>
			(_: Thread, index: number) =>
				void guest.handles.release(index, ErrorContext),
	),
};

type StringBindings = [
	unknown,
	unknown,
	ReturnType<typeof views>,
	Realloc,
	(typeof encodings)['utf8']['lift'],
	(typeof encodings)['utf8']['lower'],
];

/** The core function of a canonical definition of the async ABI. */
export function builtin(store: Store, code: Code, frame: Frame, def: BuiltinDef): CoreFunction {
	return makers[def.name]({store, code, frame, guest: frame.guest, scheduler: schedulerOf(store), def});
}
