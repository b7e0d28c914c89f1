import {returnNeeds} from '../abi/async/convert.ts';
import {dynamic, flatten, has, most, type Needs} from '../abi/functions.ts';
import type {Builtin, BuiltinDef, CanonOptions} from '../decode/ast.ts';
import type {CoreSignature} from '../decode/core-ast.ts';
import type {Scope} from '../decode/scope.ts';
import {types, type ValueType} from '../types.ts';
import type {Fail} from './known.ts';

/** The core types of what has the same in every component. */
const signatures: Partial<Record<Builtin, CoreSignature>> = {
	'task.cancel': '>',
	'subtask.cancel': 'i>i',
	'subtask.drop': 'i>',
	'backpressure.set': 'i>',
	'backpressure.inc': '>',
	'backpressure.dec': '>',
	'context.get': '>i',
	'context.set': 'i>',
	'thread.yield': '>i',
	'waitable-set.new': '>i',
	'waitable-set.wait': 'ii>i',
	'waitable-set.poll': 'ii>i',
	'waitable-set.drop': 'i>',
	'waitable.join': 'ii>',
	'error-context.new': 'ii>i',
	'error-context.debug-message': 'ii>',
	'error-context.drop': 'i>',
};

/** The core types of what is over a stream; a future has no count. */
const carriers: Readonly<Record<string, CoreSignature>> = {
	new: '>l',
	read: 'iii>i',
	write: 'iii>i',
	'cancel-read': 'i>i',
	'cancel-write': 'i>i',
	'drop-readable': 'i>',
	'drop-writable': 'i>',
};

const valueTypeAt = (scope: Scope, index: number, fail: Fail): ValueType => {
	const type = scope.spaces.type[index];
	return type?.kind === 'value' ? type.type : fail('a value type', type?.kind);
};

function needed({memory, realloc}: CanonOptions, needs: Needs, fail: Fail): void {
	if (needs.memory && memory === undefined) fail('a memory', 'none');
	if (needs.realloc && realloc === undefined) fail('a realloc', 'none');
}

/** The core type of a built-in of the async ABI, if its types and options are right. */
export function checkBuiltin(scope: Scope, def: BuiltinDef, fail: Fail): CoreSignature {
	const {name, options} = def;
	const [kind, what = ''] = name.split('.');
	if (options.postReturn !== undefined || options.callback !== undefined) fail('no functions to call back', 'one');
	if (name === 'task.return') return returning(scope, def, fail);
	if (kind === 'error-context' && what !== 'drop') needed(options, {memory: true, realloc: what === 'debug-message'}, fail);
	const known = signatures[name];
	if (known !== undefined) return known;
	const type = valueTypeAt(scope, def.type as number, fail);
	if (type.kind !== kind) fail(`the type of a ${kind}`, type.kind);
	const {element} = type as ValueType & {readonly kind: 'stream' | 'future'};
	const copies = what === 'read' || what === 'write';
	if (copies && element !== undefined) needed(options, {memory: true, realloc: what === 'read' && has([element], dynamic)}, fail);
	return copies && kind === 'future' ? 'ii>i' : (carriers[what] as CoreSignature);
}

function returning(scope: Scope, {result, options}: BuiltinDef, fail: Fail): CoreSignature {
	if (options.realloc !== undefined || options.async) fail('a memory and an encoding only', 'other options');
	const type = typeof result === 'number' ? valueTypeAt(scope, result, fail) : result && types.primitive(result);
	needed(options, returnNeeds(type), fail);
	const flat = type === undefined ? '' : flatten([type]);
	return `${flat.length > most.params ? 'i' : flat}>`;
}
