import type {Marks} from '../marks.ts';
import {type FuncType, mentioned, sequence, type ValueType} from '../types.ts';
import {liftAll, liftFlat, load, loadAll} from './lift.ts';
import {lowerAll, lowerFlat, type Slot, store, storeAll} from './lower.ts';
import {runtime} from './runtime.ts';
import {Source} from './source.ts';

/** How a host function is called: plainly with its interface as `this`, as a method of its first argument, with `new`; or a guest's, which returns its `result` as a value. */
export type Calling = 'plain' | 'method' | 'new' | 'guest';

// A function of either side; its arguments are checked one by one by the code around it.
type Any = (...args: never[]) => unknown;

/** What a metered guest pays for what the host does: for a call, a byte that is copied or shown, and one of which something is made. As many instructions take about as long. */
export const price = {call: 100, copied: 1 / 8, made: 1} as const;

/** The statement by which a guest pays for a call of the host. */
export const fee = `S.pay(${price.call});`;

/** Makes a function for one instance of those that a text was compiled for. */
export type Bind = (...args: unknown[]) => Any;

const runtimeNames = Object.keys(runtime).join();

/** Turns the text of a function into a maker of bound ones. */
export function evaluate(source: Source, text: string): Bind {
	const constants = source.constants.map((_, i) => `k${i}`).join();
	const body = `'use strict';const {${runtimeNames}}=runtime;const [${constants}]=constants;
return (S,I,V,realloc,liftString,lowerString,R,core,post,G,T)=>{
const [G0,G1,G2,G3]=G;let lent,task;
const pass=bytes=>{S.pay(bytes*${price.copied});if((S.passage.left-=bytes)<0)S.passage.look()};
const charge=bytes=>{if((S.left-=bytes)<0)S.overBudget(S.${budgetOf(source)});S.pay(bytes*${price.made});pass(bytes)};
${source.helpers()}
return ${text}}`;
	// The text is made of this package's templates and integers only, see Source.
	return new Function('runtime', 'constants', body)(runtime, source.constants);
}

/** What bounds the bytes that a call carries. */
const budgetOf = ({inside}: Source): 'between' | 'budget' => (inside ? 'between' : 'budget');

/** How many core values travel flat; more go through memory. */
export const most = {params: 16, results: 1} as const;

/** The types of the parameters. */
export const params = (type: FuncType): ValueType[] => type.params.map(param => param.type);

/** The core values that these types travel as, up to one more than travel flat. */
export const flatten = (types: readonly ValueType[]): string =>
	types
		.map(type => type.flat)
		.join('')
		.slice(0, most.params + 1);

/** Whether values of these types hold any of a kind; lists of fixed length do not count. */
export const has = (types: readonly (ValueType | undefined)[], kinds: readonly string[]): boolean => {
	return mentioned(types).some(type => kinds.includes(type.kind) && !(type.kind === 'list' && type.length !== undefined));
};

/** The kinds of value that need memory. */
export const dynamic = ['string', 'list', 'map'];

/** What a canonical function needs among its options. */
export interface Needs {
	readonly memory: boolean;
	readonly realloc: boolean;
}

/** What `canon lift` needs for a function of this type. */
export function liftNeeds(type: FuncType): Needs {
	const realloc = flatten(params(type)).length > most.params || has(params(type), dynamic);
	return {realloc, memory: realloc || (type.result?.flat.length ?? 0) > most.results || has([type.result], dynamic)};
}

/** What `canon lower` needs for a function of this type. */
export function lowerNeeds(type: FuncType): Needs {
	const realloc = has([type.result], dynamic);
	return {
		realloc,
		memory:
			realloc || flatten(params(type)).length > most.params || (type.result?.flat.length ?? 0) > most.results || has(params(type), dynamic),
	};
}

/** Names of variables. */
export const names = (prefix: string, count: number): string[] => Array.from({length: count}, (_, i) => `${prefix}${i}`);

/** Variables for core values. */
export const slots = (prefix: string, flat: string): Slot[] => [...flat].map((type, i) => ({name: `${prefix}${i}`, type}));

/** The declaration of variables for core values. */
export const declared = (all: readonly Slot[]): string =>
	all.length === 0 ? '' : `let ${all.map(({name, type}) => `${name}=${type === 'l' ? '0n' : '0'}`).join()};`;

/** Lowering may call the guest's allocator, from which the guest may not leave. */
export const locked = (text: string, needs: Needs): string => (needs.realloc ? `I.mayLeave=false;${text}I.mayLeave=true;` : text);

/** What tells the functions of one type apart. */
export interface Lifting {
	/** How many component instances a call enters. */
	readonly gates: number;
	/** Whether the host calls, for which the error of a `result` is thrown; else the result comes as `{tag, val}`. */
	readonly throws: boolean;
	/** Whether it returns a promise and takes its turn. */
	readonly waits: boolean;
	/** Whether the guest has a function to call when the result has been read. */
	readonly frees: boolean;
}

/** Statements that turn arguments into core values, and the variables these are in. */
export function lowerArguments(source: Source, items: readonly ValueType[], args: readonly string[]): {core: Slot[]; text: string} {
	const flat = flatten(items);
	if (flat.length <= most.params) {
		const core = slots('o', flat);
		return {core, text: lowerAll(source, items, args, core)};
	}
	const {size, align} = sequence(items);
	const text = `p=allocate(V,realloc,${align},${size});${storeAll(source, items, args, 'p')}`;
	return {core: [{name: 'p', type: 'i'}], text};
}

/** Compiles an export: a maker of functions from values of JavaScript to the value of JavaScript. */
export function compileLift(type: FuncType, {gates, throws, waits, frees}: Lifting): Bind {
	const source = new Source({inside: !throws});
	const items = params(type);
	const needs = liftNeeds(type);
	const args = names('a', items.length);
	const {core, text} = lowerArguments(source, items, args);
	const entered = names('G', gates).map((name, i) => `${i < 4 ? name : `G[${i}]`}.entered`);
	const borrows = has(items, ['borrow']);
	const body = [
		borrows ? 'const mine=task={borrows:0};' : '',
		needs.memory ? 'V.live();' : '',
		declared(core),
		locked(text, needs),
		`const r=${waits ? 'await ' : ''}core(${core.map(slot => slot.name).join()});`,
		'if(S.dead!==undefined)throw S.dead;',
		needs.memory ? `V.live();S.left=S.${budgetOf(source)};` : '',
		type.result === undefined ? '' : `v=${resultOf(source, type.result)};`,
		borrows ? 'if(mine.borrows!==0)stillBorrowed();' : '',
		frees ? `I.mayLeave=false;post(${type.result === undefined ? '' : 'r'});I.mayLeave=true;` : '',
		...entered.map(flag => `${flag}=false;`),
		'if(S.waiting.length!==0)S.next();',
	];
	const unwrap = throws && type.result?.kind === 'result';
	const turn = `while(S.dead===undefined&&(${entered.join('||') || 'false'}))await S.turn(${throws});`;
	return evaluate(
		source,
		`${waits ? 'async' : ''}(${args.join()})=>{let v;${waits ? turn : ''}
if(${['S.dead!==undefined', ...entered].join('||')})S.refuse();
${entered.map(flag => `${flag}=true;`).join('')}
try{${body.join('\n')}}catch(e){throw S.failed(e,I,G)}
${unwrap ? "if(v.tag==='err')throw new ComponentError(v.val);return v.val" : 'return v'}}`,
	);
}

/** An expression that reads a function's result from what its core function returned. */
export function resultOf(source: Source, type: ValueType): string {
	if (type.flat.length <= most.results) return liftFlat(source, type, ['r']);
	return `(range(V,r>>>0,${type.size},${type.align}),${load(source, type, '(r>>>0)')})`;
}

/** Expressions that turn core values into arguments, the parameters these values come in, and what has to be checked first. */
export function liftArguments(
	source: Source,
	items: readonly ValueType[],
	limit: number = most.params,
): {core: string[]; values: string[]; check: string} {
	const flat = flatten(items);
	if (flat.length <= limit) {
		const core = names('c', flat.length);
		return {core, values: liftAll(source, items, core), check: ''};
	}
	const {size, align} = sequence(items);
	return {core: ['c0'], values: loadAll(source, items, '(c0>>>0)'), check: `range(V,c0>>>0,${size},${align});`};
}

/**
 * Compiles an import: a maker of core functions that call a host function, or a guest's, with values of JavaScript. One that
 * `suspends` returns a promise where what it calls does; one with `views` is given lists of numbers uncopied.
 */
export function compileLower(type: FuncType, calling: Calling, {suspends, views}: Marks): Bind {
	const source = new Source({views, inside: calling === 'guest'});
	const items = params(type);
	const needs = lowerNeeds(type);
	const {core, values, check} = liftArguments(source, items);
	const args = names('a', items.length);
	const {result} = type;
	const returned = result !== undefined && result.flat.length > most.results;
	const out = result === undefined || returned ? [] : slots('o', result.flat);
	const borrows = has(items, ['borrow']);
	const before = [
		'if(S.dead!==undefined)throw S.dead;if(!I.mayLeave)mayNotLeave();',
		calling === 'guest' ? '' : fee,
		needs.memory ? `V.live();S.left=S.${budgetOf(source)};` : '',
		borrows ? 'mine=lent=[];' : '',
		check,
		...args.map((name, i) => `const ${name}=${values[i]};`),
	];
	const after = [
		needs.memory ? 'V.live();' : '',
		declared(out),
		locked(lowerResult(source, result, out), needs),
		borrows ? 'unlend(mine);' : '',
		out.length > 0 ? 'return o0;' : '',
	];
	const call = called(type, calling, args, suspends);
	const body = suspends ? waiting(before, call, after, type, calling) : ending([...before, call, ...after]);
	return evaluate(source, `(${[...core, ...(returned ? ['q'] : [])].join()})=>{let mine,cause,x;${body}}`);
}

/** Statements after which, if they throw, the instance is dead. */
const ending = (statements: readonly string[]): string => `try{${statements.join('\n')}}catch(e){throw S.kill(unfit(e,cause))}`;

/** The statements of a function which goes on later where `x` is a promise. */
function waiting(before: readonly string[], call: string, after: readonly string[], type: FuncType, calling: Calling): string {
	const fails = type.result?.kind === 'result' && calling !== 'guest';
	const settled = fails
		? "x=>finish({tag:'ok',val:x}),e=>{try{x=signalled(cause=e)}catch(e){throw S.kill(e)}return finish({tag:'err',val:x})}"
		: 'finish,e=>{throw S.kill(e)}';
	// The instance may have been ended while it was suspended.
	const finish = ending(['if(S.dead!==undefined)throw S.dead;', ...after]);
	return `const finish=x=>{${finish}};
${ending([...before, call, `if(x instanceof Promise)return x.then(${settled});`, fails ? "x={tag:'ok',val:x};" : ''])}
return finish(x)`;
}

/** Statements that put the result `x` into slots, or where `q` points. */
export function lowerResult(source: Source, type: ValueType | undefined, out: readonly Slot[]): string {
	if (type === undefined) return '';
	if (out.length > 0) return lowerFlat(source, type, 'x', out);
	return `const p=q>>>0;range(V,p,${type.size},${type.align});${store(source, type, 'p', 'x')}`;
}

function called(type: FuncType, calling: Calling, args: readonly string[], waits: boolean): string {
	const [self = '', ...rest] = args;
	const call = {
		plain: `core.call(${['T', ...args].join()})`,
		method: `${self}[core](${rest.join()})`,
		new: `new core(${args.join()})`,
		guest: `core(${args.join()})`,
	}[calling];
	if (calling === 'guest') return `x=${call};`;
	const fails = type.result?.kind === 'result';
	if (waits) return fails ? `try{x=${call}}catch(e){return finish({tag:'err',val:signalled(cause=e)})}` : `x=${call};`;
	return fails ? `try{x=${call};unsettled(x);x={tag:'ok',val:x}}catch(e){x={tag:'err',val:signalled(cause=e)}}` : `x=${call};unsettled(x);`;
}
