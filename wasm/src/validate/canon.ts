import {calleeNeeds, callerNeeds, lifted, lowered} from '../abi/async/convert.ts';
import type {Flat} from '../abi/async/shims.ts';
import {lowerNeeds, type Needs} from '../abi/functions.ts';
import type {CanonDef, CanonOptions} from '../decode/ast.ts';
import type {CoreSignature} from '../decode/core-ast.ts';
import type {Scope} from '../decode/scope.ts';
import type {FuncType, ResourceType} from '../types.ts';
import {checkBuiltin} from './builtins.ts';
import type {Fail} from './known.ts';

const signature = ({params, results}: Flat): CoreSignature => `${params}>${results}`;

/** Checks the type of a core function. */
function checkSignature(scope: Scope, index: number, wanted: CoreSignature, what: string, fail: Fail): void {
	const found = scope.spaces['core func'][index] as CoreSignature;
	if (found !== wanted && !found.includes('?')) fail(`${what} of type ${wanted}`, found);
}

/** Checks that all options are there that are needed. */
function checkOptions(scope: Scope, {memory, realloc}: CanonOptions, needs: Needs, fail: Fail): void {
	if (needs.memory && memory === undefined) fail('a memory for strings, lists or many values', 'none');
	if (needs.realloc && realloc === undefined) fail('a realloc for strings, lists or many values', 'none');
	if (realloc !== undefined) checkSignature(scope, realloc, 'iiii>i', 'a realloc', fail);
}

/** The resource type at an index. */
export function resourceAt(scope: Scope, index: number, fail: Fail): ResourceType {
	const type = scope.spaces.type[index];
	return type?.kind === 'resource' ? type.resource : fail('a resource type', type?.kind);
}

/** The core type of a canonical function that a component asks for. */
export function checkCanon(scope: Scope, def: Exclude<CanonDef, {op: 'lift'}>, fail: Fail): CoreSignature {
	if (def.op === 'lower') {
		// The index was checked when it was read.
		const type = scope.spaces.func[def.func] as FuncType;
		const {async} = def.options;
		if (async && !type.async) fail('an async function with the async option', 'another');
		checkOptions(scope, def.options, type.async ? callerNeeds(type, async) : lowerNeeds(type), fail);
		return signature(lowered(type, async));
	}
	if (def.op === 'builtin') return checkBuiltin(scope, def, fail);
	const {id} = resourceAt(scope, def.resource, fail);
	if (def.op === 'resource.drop') return 'i>';
	if (!scope.own.has(id)) fail('a resource that this component defines', 'one of another');
	return 'i>i';
}

/** The type of the function that a core function is lifted to. */
export function checkLift(scope: Scope, {func, type: index, options}: Extract<CanonDef, {op: 'lift'}>, fail: Fail): FuncType {
	const type = scope.spaces.type[index];
	if (type?.kind !== 'func') return fail('a function type', type?.kind);
	const {postReturn, callback, async} = options;
	if (async && !type.type.async) fail('an async function with the async option', 'another');
	checkOptions(scope, options, calleeNeeds(type.type, async), fail);
	const wanted = signature(lifted(type.type, options));
	checkSignature(scope, func, wanted, 'a core function', fail);
	if (callback !== undefined) checkSignature(scope, callback, 'iii>i', 'a callback', fail);
	if (postReturn !== undefined) checkSignature(scope, postReturn, `${wanted.split('>')[1]}>`, 'a post-return', fail);
	return type.type;
}
