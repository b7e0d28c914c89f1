import {flatten, liftNeeds, lowerNeeds, most, type Needs} from '../abi/functions.ts';
import type {CanonDef, CanonOptions} from '../decode/ast.ts';
import type {CoreSignature} from '../decode/core-ast.ts';
import type {Scope} from '../decode/scope.ts';
import type {FuncType, ResourceType} from '../types.ts';
import type {Fail} from './known.ts';

/** The core function that a component function becomes, up to where its result is written. */
function signatureOf(type: FuncType, lowered: boolean): CoreSignature {
	const flat = flatten(type.params.map(param => param.type));
	const params = flat.length > most.params ? 'i' : flat;
	const result = type.result?.flat ?? '';
	if (result.length <= most.results) return `${params}>${result}`;
	return lowered ? `${params}i>` : `${params}>i`;
}

function checkSignature(scope: Scope, index: number, wanted: CoreSignature, what: string, fail: Fail): void {
	const found = scope.spaces['core func'][index] as CoreSignature;
	if (found !== wanted && !found.includes('?')) fail(`${what} of type ${wanted}`, found);
}

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
		checkOptions(scope, def.options, lowerNeeds(type), fail);
		return signatureOf(type, true);
	}
	const {id} = resourceAt(scope, def.resource, fail);
	if (def.op === 'resource.drop') return 'i>';
	if (!scope.own.has(id)) fail('a resource that this component defines', 'one of another');
	return 'i>i';
}

/** The type of the function that a core function is lifted to. */
export function checkLift(scope: Scope, {func, type: index, options}: Extract<CanonDef, {op: 'lift'}>, fail: Fail): FuncType {
	const type = scope.spaces.type[index];
	if (type?.kind !== 'func') return fail('a function type', type?.kind);
	checkOptions(scope, options, liftNeeds(type.type), fail);
	const wanted = signatureOf(type.type, false);
	checkSignature(scope, func, wanted, 'a core function', fail);
	const {postReturn} = options;
	if (postReturn !== undefined) checkSignature(scope, postReturn, `${wanted.split('>')[1]}>`, 'a post-return', fail);
	return type.type;
}
