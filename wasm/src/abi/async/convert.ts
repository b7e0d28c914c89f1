import type {CanonOptions} from '../../decode/ast.ts';
import {type FuncType, type Interned, types, type ValueType} from '../../types.ts';
import {
	type Bind,
	declared,
	dynamic,
	evaluate,
	fee,
	has,
	liftArguments,
	liftNeeds,
	locked,
	lowerArguments,
	lowerResult,
	most,
	type Needs,
	names,
	params,
	resultOf,
	slots,
} from '../functions.ts';
import type {Lent, Task} from '../handles.ts';
import {arrays, elements as loads} from '../lift.ts';
import {elements as stores} from '../lower.ts';
import {Source} from '../source.ts';
import type {Flat} from './shims.ts';

/** The most core values that an async lowering passes flat. */
const asyncParams = 4;

/** What the called side of a function does with values. */
export interface CalleeValues {
	/** The core arguments. */
	readonly lower: (task: Task, args: readonly unknown[]) => unknown[];
	/** The result of a core function that returns it. */
	readonly lift: (core: unknown) => unknown;
}

/** What the calling side does with values. */
export interface CallerValues {
	/** The arguments; handles that are lent are added to the list. */
	readonly lift: (lent: Lent[], core: readonly unknown[]) => unknown[];
	/** Puts the result where the pointer says, or gives its core value. */
	readonly lower: (result: unknown, pointer: unknown) => unknown;
}

const withoutResult = (type: FuncType): FuncType => ({...type, result: undefined});

/** What `canon lift` needs; a task that returns by `task.return` has its result read by the options given there. */
export const calleeNeeds = (type: FuncType, returns: boolean): Needs => liftNeeds(returns ? withoutResult(type) : type);

/** Compiles `CalleeValues`. */
export function compileCallee(type: FuncType, returns: boolean): Bind {
	const source = new Source();
	const items = params(type);
	const needs = liftNeeds(withoutResult(type));
	const args = names('a', items.length);
	const {core, text} = lowerArguments(source, items, args);
	const live = 'if(V!==undefined)V.live();';
	const lift = type.result === undefined || returns ? '' : `S.left=S.budget;return ${resultOf(source, type.result)}`;
	return evaluate(
		source,
		`{lower(t,x){task=t;${live}const [${args.join()}]=x;${declared(core)}${locked(text, needs)}return [${core.map(slot => slot.name).join()}]},
lift(r){${live}${lift}}}`,
	);
}

/** What `task.return` needs for a result of this type. */
export const returnNeeds = (result: ValueType | undefined): Needs => ({
	memory: has([result], dynamic) || (result?.flat.length ?? 0) > most.params,
	realloc: false,
});

/** Compiles what `task.return` does: a function from core values to the result. */
export function compileReturn(result: ValueType | undefined): Bind {
	const source = new Source();
	const {core, values, check} = liftArguments(source, result === undefined ? [] : [result]);
	return evaluate(source, `(${core.join()})=>{if(V!==undefined)V.live();S.left=S.budget;${check}return ${values[0] ?? 'undefined'}}`);
}

const flatOf = (type: FuncType): string => params(type).reduce((all, {flat}) => all + flat, '');

/** The core type of a function to lift. */
export function lifted(type: FuncType, {async, callback}: Pick<CanonOptions, 'async' | 'callback'>): Flat {
	const flat = flatOf(type);
	const result = type.result?.flat ?? '';
	const results = async ? (callback === undefined ? '' : 'i') : result.length > most.results ? 'i' : result;
	return {params: flat.length > most.params ? 'i' : flat, results};
}

/** The core type of a lowered function. */
export function lowered(type: FuncType, async: boolean): Flat {
	const flat = flatOf(type);
	const fits = flat.length <= (async ? asyncParams : most.params);
	const result = type.result?.flat ?? '';
	const returned = async ? result !== '' : result.length > most.results;
	return {params: (fits ? flat : 'i') + (returned ? 'i' : ''), results: async ? 'i' : returned ? '' : result};
}

/** Compiles `CallerValues`. */
export function compileCaller(type: FuncType, async: boolean): Bind {
	const source = new Source();
	const items = params(type);
	const {core, values, check} = liftArguments(source, items, async ? asyncParams : most.params);
	const {result} = type;
	const out = result === undefined || async || result.flat.length > most.results ? [] : slots('o', result.flat);
	const needs = {memory: true, realloc: has([result], dynamic)};
	const live = 'if(V!==undefined)V.live();';
	return evaluate(
		source,
		`{lift(l,c){lent=l;${fee}${live}S.left=S.budget;const [${core.join()}]=c;${check}return [${values.join()}]},
lower(x,q){${live}${declared(out)}${locked(lowerResult(source, result, out), needs)}return ${out[0]?.name ?? 'undefined'}}}`,
	);
}

/** What a lowered function needs. */
export const callerNeeds = (type: FuncType, async: boolean): Needs => {
	const flat = flatOf(type).length;
	const realloc = has([type.result], dynamic);
	const returned = (type.result?.flat.length ?? 0) > (async ? 0 : most.results);
	return {realloc, memory: realloc || returned || has(params(type), dynamic) || flat > (async ? asyncParams : most.params)};
};

/** Compiles the `Elements` of a type. */
export function compileElements(all: Interned, type: ValueType): Bind {
	// Numbers are carried from memory to memory; what elements hold may go to the host.
	const source = new Source({views: arrays[type.kind] !== undefined});
	const list = types.list(all, type, undefined) as ValueType & {kind: 'list'};
	const needs = {memory: true, realloc: has([type], dynamic)};
	return evaluate(
		source,
		`{load(p,n){V.live();S.left=S.budget;return ${loads(source, list)}(p,n)},
store(p,x,n){V.live();${locked(`${stores(source, list)}(p,x,n);`, needs)}}}`,
	);
}
