import {casesOf, choice, type Home, labelSize, layout, type RecordType, type Type, type VariantType} from '../model.ts';
import type {File} from './file.ts';
import {boxed, caseNames, type Files, numberArray, payload, payloadTypes, primitiveName, recordFields} from './module.ts';
import {at, compound, isChoice, labelCore, type Place, parts, payloadOf, read, wordSize, write} from './place.ts';

/** Writes the functions that carry types of a world across, each once in the file that needs it, or that of the type's own. */
export class Values {
	readonly files: Files;

	constructor(files: Files) {
		this.files = files;
	}

	/** Where a result that is more than one core value lies. */
	area(result: Type, file: File): Place {
		const {runtime} = this.files;
		runtime.area = Math.max(runtime.area, layout(result).size);
		return {base: file.uses('cabi_area'), offset: 0, form: 'memory'};
	}

	/** The fields of a record, or the items of a tuple, of the value `of`. */
	parts(type: Extract<Type, {kind: 'record' | 'tuple'}>, of: string): {type: Type; value: string}[] {
		if (type.kind === 'tuple') return type.items.map((item, i) => ({type: item, value: `${of}.item${i}`}));
		return recordFields(type).map(({type: field, name}) => ({type: field, value: `${of}.${name}`}));
	}

	/** The name of the function that carries `type`, made where it is not there yet; named types keep theirs in their own file. */
	#function(action: 'lift' | 'lower', form: Place['form'], type: Type, file: File): string {
		const home = 'home' in type ? (type.home as Home) : undefined;
		const owner = home === undefined ? file : this.files.of(home.scope);
		const prefix = form === 'memory' ? action : action === 'lift' ? 'unflatten' : 'flatten';
		const key = `${prefix}_${this.files.word(type)}`;
		if (!owner.made.has(key)) {
			owner.made.set(key, key);
			const place: Place = {base: 'at', offset: 0, form};
			const made = action === 'lift' ? this.#lifter(key, type, place, owner) : this.#lowerer(key, type, place, owner);
			owner.plumbing.push(made.join('\n'));
		}
		return owner === file ? key : `${file.from(owner.path)}.${key}`;
	}

	/** An expression for the value at a place. */
	lift(type: Type, place: Place, file: File): string {
		if (compound(type)) return `${this.#function('lift', place.form, type, file)}(${at(place)})`;
		return this.leaf(
			type,
			core => read(core, place),
			() => read('i32', place, wordSize(place)),
			file,
		);
	}

	/** An expression for a value of one or two words. */
	leaf(type: Type, word: (core: string) => string, length: () => string, file: File): string {
		switch (type.kind) {
			case 'primitive':
				if (type.name === 'string') return `${file.uses('cabi_lift_string')}(${word('usize')}, ${length()})`;
				return word(type.name === 'char' ? 'u32' : primitiveName(type.name));
			case 'list': {
				const array = numberArray(type.of);
				if (array !== undefined) return `${file.uses('cabi_lift_numbers')}<${array}>(${word('usize')}, ${length()})`;
				return `${this.#listLifter(type, file)}(${word('usize')}, ${length()})`;
			}
			case 'own':
			case 'borrow':
				return this.#handle(type, word, file);
			case 'enum':
			case 'flags':
				return `<${this.files.type(type, file)}>${word(labelCore(labelSize(type)))}`;
			default:
				throw new TypeError(`${type.kind} is no leaf`);
		}
	}

	#handle(type: Extract<Type, {kind: 'own' | 'borrow'}>, word: (core: string) => string, file: File): string {
		const name = this.files.resource(type.resource, file);
		const {scope, label} = type.resource.home as Home;
		if (scope.side !== 'export') return `${file.uses(type.kind === 'own' ? 'cabi_own' : 'cabi_borrow')}<${name}>(${word('i32')})`;
		if (type.kind === 'borrow') return `changetype<${name}>(${word('usize')})`;
		return `${this.owner(scope, 'lift', label, file)}(${word('i32')})`;
	}

	/** The function of an exported resource that turns handles into objects or back. */
	owner(scope: Home['scope'], action: 'lift' | 'lower', label: string, file: File): string {
		const of = this.files.of(scope);
		const name = `${action}_${this.files.authorNames(scope).types.get(label)}`;
		return of === file ? name : `${file.from(of.path)}.${name}`;
	}

	#listLifter(type: Extract<Type, {kind: 'list'}>, file: File): string {
		const key = `lift_${this.files.word(type)}`;
		if (file.made.has(key)) return key;
		file.made.set(key, key);
		const element = this.files.type(type.of, file);
		const item = this.lift(type.of, {base: 'at', offset: 0, form: 'memory'}, file);
		file.plumbing.push(
			[
				`function ${key}(data: usize, length: i32): Array<${element}> {`,
				`	const list = new Array<${element}>(length);`,
				`	for (let i = 0, at = data; i < length; i++, at += ${layout(type.of).size}) unchecked((list[i] = ${item}));`,
				`	${file.uses('cabi_release')}(data, length);`,
				'	return list;',
				'}',
			].join('\n'),
		);
		return key;
	}

	#lifter(name: string, type: Type, place: Place, file: File): string[] {
		const text = this.files.type(type, file);
		return [`export function ${name}(at: usize): ${text} {`, ...this.#lifting(type, text, place, file), '}'];
	}

	#lifting(type: Type, text: string, place: Place, file: File): string[] {
		switch (type.kind) {
			case 'record':
			case 'tuple': {
				const items = type.kind === 'tuple' ? type.items : type.fields.map(field => field.type);
				const places = parts(items, place);
				return [`	return new ${text}(${items.map((item, i) => this.lift(item, places[i] as Place, file)).join(', ')});`];
			}
			case 'option': {
				const some = this.lift(type.of, payloadOf(type, place), file);
				const value = boxed(type.of) ? `new ${file.uses('Some')}<${this.files.type(type.of, file)}>(${some})` : some;
				return [`	if (!load<u8>(at)) return null;`, `	return ${value};`];
			}
			case 'result': {
				const arm = (of: Type | undefined): string => (of === undefined ? '' : this.lift(of, payloadOf(type, place), file));
				const types = text.replace('Result', '');
				return [`	if (load<u8>(at)) return Result.err${types}(${arm(type.err)});`, `	return Result.ok${types}(${arm(type.ok)});`];
			}
			default:
				return this.#variantLifting(type as VariantType, text, place, file);
		}
	}

	#variantLifting(type: VariantType, text: string, place: Place, file: File): string[] {
		const tag = labelCore(choice(casesOf(type)).tag);
		const names = caseNames(type);
		const arms = type.cases.flatMap(({type: of}, i) =>
			of === undefined ? [] : [`		case ${i}:`, `			return ${text}.${names[i]}(${this.lift(of, payloadOf(type, place), file)});`],
		);
		const make = `	return new ${text}(load<${tag}>(at));`;
		return arms.length === 0 ? [make] : [`	switch (load<${tag}>(at)) {`, ...arms, '	}', make];
	}

	/** Statements that write a value to a place; `value` is an expression that may be written more than once. */
	lower(type: Type, value: string, place: Place, file: File): string[] {
		if (compound(type)) return [`${this.#function('lower', place.form, type, file)}(${at(place)}, ${value});`];
		const [first, second] = this.words(type, value, file) as [string, string?];
		if (second !== undefined) return [write('usize', first, place), write('i32', second, place, wordSize(place))];
		const core = type.kind === 'enum' || type.kind === 'flags' ? labelCore(labelSize(type)) : type.kind === 'primitive' ? type.name : 's32';
		return [write(core === 'char' ? 'u32' : primitiveName(core), first, place)];
	}

	/** The one or two words of a value that is no compound. */
	words(type: Type, value: string, file: File): string[] {
		switch (type.kind) {
			case 'primitive':
				return type.name === 'string' ? [`changetype<usize>(${value})`, `${value}.length`] : [value];
			case 'list':
				if (numberArray(type.of) !== undefined) return [`${value}.dataStart`, `${value}.length`];
				return [`${this.#listLowerer(type, file)}(${value})`, `${value}.length`];
			case 'own': {
				const {scope, label} = type.resource.home as Home;
				return [scope.side === 'export' ? `${this.owner(scope, 'lower', label, file)}(${value})` : `${file.uses('cabi_take')}(${value})`];
			}
			case 'borrow':
				return [`${value}.cabi_handle`];
			default:
				return [value];
		}
	}

	#listLowerer(type: Extract<Type, {kind: 'list'}>, file: File): string {
		const key = `lower_${this.files.word(type)}`;
		if (file.made.has(key)) return key;
		file.made.set(key, key);
		const lines = this.lower(type.of, 'item', {base: 'at', offset: 0, form: 'memory'}, file);
		const {size} = layout(type.of);
		file.plumbing.push(
			[
				`function ${key}(list: Array<${this.files.type(type.of, file)}>): usize {`,
				`	const data = ${file.uses('cabi_allocate')}(list.length, ${size});`,
				`	for (let i = 0, at = data; i < list.length; i++, at += ${size}) {`,
				'		const item = list[i];',
				...lines.map(line => `		${line}`),
				'	}',
				'	return data;',
				'}',
			].join('\n'),
		);
		return key;
	}

	#lowerer(name: string, type: Type, place: Place, file: File): string[] {
		const text = this.files.type(type, file);
		return [`export function ${name}(at: usize, value: ${text}): void {`, ...this.#lowering(type, place, file), '}'];
	}

	#lowering(type: Type, place: Place, file: File): string[] {
		if (!isChoice(type)) {
			const fields =
				type.kind === 'tuple' ? type.items.map((item, i) => ({type: item, name: `item${i}`})) : recordFields(type as RecordType);
			const places = parts(
				fields.map(field => field.type),
				place,
			);
			return fields.flatMap((field, i) => this.lower(field.type, `value.${field.name}`, places[i] as Place, file)).map(line => `	${line}`);
		}
		const arm = (of: Type | undefined, value: string, tabs: string): string[] =>
			of === undefined ? [] : this.lower(of, value, payloadOf(type, place), file).map(line => tabs + line);
		if (type.kind === 'variant') return this.#variantLowering(type, place, file);
		const [zero, one, test] =
			type.kind === 'option'
				? [[], arm(type.of, boxed(type.of) ? 'value.value' : 'value', '		'), 'value === null']
				: [arm(type.ok, 'value.value', '		'), arm(type.err, 'value.error', '		'), 'value.isOk'];
		return [
			`	if (${test}) {`,
			`		${write(place.form === 'flat' ? 'u32' : 'u8', '0', place)}`,
			...zero,
			'	} else {',
			`		${write(place.form === 'flat' ? 'u32' : 'u8', '1', place)}`,
			...one,
			'	}',
		];
	}

	#variantLowering(type: VariantType, place: Place, file: File): string[] {
		const tag = place.form === 'flat' ? 'u32' : labelCore(choice(casesOf(type)).tag);
		const fields = [...payloadTypes(type, this.files, file).keys()];
		const arms = type.cases.flatMap(({type: of}, i) => {
			if (of === undefined) return [];
			const text = this.files.type(of, file);
			const value = payload(of, `value.cabi_${fields.indexOf(text)}`, text);
			const lines = this.lower(of, 'payload', payloadOf(type, place), file).map(line => `			${line}`);
			return [`		case ${i}: {`, `			const payload = ${value};`, ...lines, '			break;', '		}'];
		});
		const first = `	${write(tag, 'value.tag', place)}`;
		return arms.length === 0 ? [first] : [first, '	switch (value.tag) {', ...arms, '	}'];
	}
}
