import type {Resource} from '../abi/handles.ts';
import type {TypeDef} from '../decode/ast.ts';
import {errors} from '../errors.ts';
import {resolveFunc, resolveValue} from '../resolve.ts';
import type {FuncType, Interned, ValueType} from '../types.ts';
import type {Frame, TypeValue} from './values.ts';

/** Refuses a component that is well formed but whose parts do not fit together. */
export const mismatch = (reason: string): never => {
	throw errors.FORGE_COMPONENT_LINK({reason});
};

function typeOf(frame: Frame, index: number): TypeValue {
	return frame.spaces.type[index] ?? mismatch(`type ${index} is not defined yet`);
}

/** The function type at an index. */
export function funcTypeAt(frame: Frame, index: number): FuncType {
	const found = typeOf(frame, index);
	return found.kind === 'func' ? found.type : mismatch(`type ${index} is not a function`);
}

/** The resource type at an index. */
export function resourceAt(frame: Frame, index: number): Resource {
	const found = typeOf(frame, index);
	return found.kind === 'resource' ? found.resource : mismatch(`type ${index} is not a resource`);
}

/** The instance or component type at an index. */
export function scopeAt(frame: Frame, index: number, kind: 'instance' | 'component'): TypeValue & {kind: 'instance' | 'component'} {
	const found = typeOf(frame, index);
	return found.kind === kind ? (found as TypeValue & {kind: 'instance'}) : mismatch(`type ${index} is not of ${kind} kind`);
}

/** The value type at an index. */
export function valueAt(frame: Frame, index: number): ValueType {
	const found = typeOf(frame, index);
	return found.kind === 'value' ? found.type : mismatch(`type ${index} is not a value's`);
}

/** Resolves any definition of a type but a resource's. */
export function resolveType(frame: Frame, all: Interned, def: TypeDef): TypeValue {
	if (def.kind === 'instance' || def.kind === 'component') return {kind: def.kind, defs: def.defs, frame};
	const at = {
		value: (index: number) => valueAt(frame, index),
		resource: (index: number) => resourceAt(frame, index),
	};
	if (def.kind === 'func') return {kind: 'func', type: resolveFunc(at, all, def)};
	if (def.kind === 'resource') return mismatch('a resource is no value');
	return {kind: 'value', type: resolveValue(at, all, def)};
}
