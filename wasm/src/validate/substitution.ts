import {type Gathered, step} from '../decode/scope.ts';
import {type FuncType, type ResourceType, types, type ValueType, withParts} from '../types.ts';
import {Exports, type Item, type Type} from './known.ts';

/** Replaces resources, and types that stand for others, in whatever mentions them. What shares parts keeps sharing them, and what mentions none stays itself. */
export class Substitution {
	readonly #all: Gathered;
	readonly #resources = new Map<number, ResourceType>();
	readonly #done = new Map<object, object>();

	constructor(all: Gathered) {
		this.#all = all;
	}

	/** Replaces a resource under all its names. */
	bind(id: number, to: ResourceType): void {
		this.#resources.set(id, to);
	}

	bound(id: number): boolean {
		return this.#resources.has(id);
	}

	/** Replaces this very type, where it is a value's or a resource's. */
	rename(from: Type, to: Type): void {
		if (from.kind === 'value' && to.kind === 'value') this.#done.set(from.type, to.type);
		if (from.kind === 'resource' && to.kind === 'resource') this.#done.set(from.resource, to.resource);
	}

	resource(of: ResourceType): ResourceType {
		return this.#once(of, () => {
			const to = this.#resources.get(of.id);
			return to === undefined ? of : {...to};
		});
	}

	value(of: ValueType): ValueType {
		return this.#once(of, () =>
			withParts(
				this.#all,
				of,
				part => this.value(part),
				resource => this.resource(resource),
			),
		);
	}

	func(of: FuncType): FuncType {
		return this.#once(of, () => {
			const {params, result} = of;
			const parts = params.map(({label, type}) => [label, this.value(type)] as const);
			const given = result && this.value(result);
			if (given === result && parts.every(([, type], i) => type === params[i]?.type)) return of;
			return types.func(this.#all, parts, given, of.async);
		});
	}

	type(of: Type): Type {
		switch (of.kind) {
			case 'value':
				return {kind: 'value', type: this.value(of.type)};
			case 'func':
				return {kind: 'func', type: this.func(of.type)};
			case 'resource':
				return {kind: 'resource', resource: this.resource(of.resource)};
			case 'instance':
				return this.#once(of, () => ({...of, exports: this.exports(of.exports)}));
			case 'component':
				return this.#once(of, () => ({...of, imports: this.exports(of.imports), exports: this.exports(of.exports)}));
		}
	}

	item(of: Item): Item {
		switch (of.sort) {
			case 'func':
				return {sort: 'func', value: this.func(of.value)};
			case 'type':
				return {sort: 'type', value: this.type(of.value)};
			case 'instance':
				return {sort: 'instance', value: this.exports(of.value)};
			case 'component':
				// A component's type stays one.
				return {sort: 'component', value: this.type(of.value) as typeof of.value};
			default:
				return of;
		}
	}

	exports(of: Exports): Exports {
		return this.#once(of, () => new Exports([...of].map(([name, item]) => [name, this.item(item)] as const)));
	}

	#once<T extends object>(of: T, make: () => T): T {
		const known = this.#done.get(of);
		// What was made of a T is a T.
		if (known !== undefined) return known as T;
		step(this.#all);
		const made = make();
		this.#done.set(of, made);
		return made;
	}
}

/** A resource that differs from all others. */
export const newResource = (all: Gathered): ResourceType => ({name: '', id: all.resources++});

/** Replaces resources, by id, by new ones, whose ids are added to `into`. */
export function renewing(all: Gathered, ids: readonly number[], into: number[]): Substitution {
	const substitution = new Substitution(all);
	for (const id of ids) {
		const resource = newResource(all);
		into.push(resource.id);
		substitution.bind(id, resource);
	}
	return substitution;
}

/** The same item under new names: each type that it is, or that an instance holds, is an object of its own, which what follows mentions. */
export function renamed(item: Item, substitution: Substitution): Item {
	if (item.sort === 'instance') {
		const inner = [...item.value].map(([name, part]) => [name, renamed(part, substitution)] as const);
		return {sort: 'instance', value: new Exports(inner)};
	}
	const made = substitution.item(item);
	if (item.sort !== 'type' || made.sort !== 'type') return made;
	const value = anew(made.value);
	substitution.rename(item.value, value);
	return {sort: 'type', value};
}

function anew(type: Type): Type {
	if (type.kind === 'value') return {kind: 'value', type: {...type.type}};
	return type.kind === 'resource' ? {kind: 'resource', resource: {...type.resource}} : type;
}
