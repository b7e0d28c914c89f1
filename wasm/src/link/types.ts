import type {Resource} from '../abi/handles.ts';
import type {FuncDef, TypeDef, ValueRef} from '../decode/ast.ts';
import {errors} from '../errors.ts';
import {type FuncType, type Interned, mentioned, types, type ValueType} from '../types.ts';
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

function valueType(frame: Frame, ref: ValueRef): ValueType {
	if (typeof ref === 'string') return types.primitive(ref);
	const found = typeOf(frame, ref);
	return found.kind === 'value' ? found.type : mismatch(`type ${ref} is not a value's`);
}

/** Resolves a function's type. */
function resolveFunc(frame: Frame, all: Interned, def: FuncDef): FuncType {
	const params = def.params.map(([label, type]) => [label, valueType(frame, type)] as const);
	const type = types.func(all, params, def.result === undefined ? undefined : valueType(frame, def.result));
	if (mentioned({...type, params: []}).some(({kind}) => kind === 'borrow')) mismatch('the result of a function cannot hold a borrow');
	return type;
}

/** Resolves a definition of a value type. */
function resolveValue(frame: Frame, all: Interned, def: TypeDef): ValueType {
	const of = (ref: ValueRef): ValueType => valueType(frame, ref);
	const maybe = (ref: ValueRef | undefined): ValueType | undefined => (ref === undefined ? undefined : of(ref));
	switch (def.kind) {
		case 'primitive':
			return types.primitive(def.type);
		case 'record':
			return types.record(
				all,
				def.fields.map(([label, type]) => [label, of(type)] as const),
			);
		case 'variant':
			return types.variant(
				all,
				def.cases.map(([label, type]) => [label, maybe(type)] as const),
			);
		case 'list':
			return types.list(all, of(def.element), def.length);
		case 'tuple':
			return types.tuple(all, def.items.map(of));
		case 'flags':
			return types.flags(all, def.labels);
		case 'enum':
			return types.enum(all, def.labels);
		case 'option':
			return types.option(all, of(def.some));
		case 'result':
			return types.result(all, maybe(def.ok), maybe(def.err));
		case 'own':
		case 'borrow':
			return types.handle(def.kind, resourceAt(frame, def.resource));
		case 'stream':
		case 'future':
		case 'map':
			return types.absent(def.kind);
		default:
			return mismatch(`"${def.kind}" is not a value type`);
	}
}

/** Resolves any definition of a type but a resource's. */
export function resolveType(frame: Frame, all: Interned, def: TypeDef): TypeValue {
	if (def.kind === 'func') return {kind: 'func', type: resolveFunc(frame, all, def)};
	if (def.kind === 'instance' || def.kind === 'component') return {kind: def.kind, defs: def.defs, frame};
	return {kind: 'value', type: resolveValue(frame, all, def)};
}
