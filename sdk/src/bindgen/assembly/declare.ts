import type {Declaration, Home, LabelType, RecordType, Scope, VariantType} from '../model.ts';
import type {File} from './file.ts';
import {caseNames, type Files, isReference, payload, payloadTypes, recordFields} from './module.ts';
import {comment, labelNames} from './names.ts';

/** Writes the types that a scope declares, with their prose. */
export function declareTypes(scope: Scope, files: Files): void {
	const file = files.of(scope);
	for (const declaration of scope.declarations) {
		const text = declare(scope, declaration, files, file);
		if (text.length > 0) file.body.push([...comment(declaration.docs), ...text].join('\n'));
	}
}

function declare(scope: Scope, {label, type}: Declaration, files: Files, file: File): string[] {
	const name = file.types.get(label);
	if (name === undefined) return [];
	const home = 'home' in type ? type.home : undefined;
	if (home === undefined) return [`export type ${name} = ${type.kind === 'resource' ? 'i32' : files.type(type, file)};`];
	if (home.scope !== scope || home.label !== label) {
		alias(name, {label, type, docs: ''}, files, file);
		return [];
	}
	switch (type.kind) {
		case 'record':
			return record(name, type, scope, files, file);
		case 'variant':
			return variant(name, type, scope, files, file);
		case 'enum':
		case 'flags':
			return labelled(name, type, scope);
		default:
			return [];
	}
}

/** Another name for a type: passed on where it is a class or an enum of another file, or of the author's. */
function alias(name: string, {label, type}: Declaration, files: Files, file: File): void {
	const home = (type as RecordType).home as Home;
	const of = files.of(home.scope);
	if (type.kind === 'resource' && home.scope.side === 'export') {
		file.body.push(`export type ${name} = ${files.resource(type, file)};`);
		return;
	}
	const names = [[of.types.get(home.label), name], ...(type.kind === 'variant' ? [[of.tags.get(home.label), file.tags.get(label)]] : [])];
	for (const [from, as] of names as [string, string][]) {
		if (of === file) file.body.push(`export {${from} as ${as}};`);
		else file.passOn(of.path, from, as);
	}
}

function record(name: string, type: RecordType, scope: Scope, files: Files, file: File): string[] {
	const fields = recordFields(type).flatMap(field => [
		...comment(scope.doc((type.home as {label: string}).label, field.label), '		'),
		`		public ${field.name}: ${files.type(field.type, file)},`,
	]);
	return [`export class ${name} {`, '	constructor(', ...fields, '	) {}', '}'];
}

function labelled(name: string, type: LabelType, scope: Scope): string[] {
	const names = labelNames(type.labels);
	const lines = type.labels.flatMap((label, i) => [
		...comment(scope.doc((type.home as {label: string}).label, label), '	'),
		`	${names[i]}${type.kind === 'flags' ? ` = 1 << ${i}` : ''},`,
	]);
	return [`export enum ${name} {`, ...lines, '}'];
}

/** A tagged class: cases whose payloads are of one type share a field. */
function variant(name: string, type: VariantType, scope: Scope, files: Files, file: File): string[] {
	const {label} = type.home as {label: string};
	const tag = file.tags.get(label) as string;
	const tags = labelNames(type.cases.map(of => of.label));
	const names = caseNames(type);
	const fields = payloadTypes(type, files, file);
	const cases = type.cases.map((of, i) => {
		const prose = comment(scope.doc(label, of.label), '	');
		if (of.type === undefined) return [...prose, `	static ${names[i]}(): ${name} {`, `		return new ${name}(${tag}.${tags[i]});`, '	}'];
		const text = files.type(of.type, file);
		const field = `cabi_${[...fields.keys()].indexOf(text)}`;
		return [
			...prose,
			`	static ${names[i]}(value: ${text}): ${name} {`,
			`		const made = new ${name}(${tag}.${tags[i]});`,
			`		made.${field} = value;`,
			'		return made;',
			'	}',
			'',
			`	get ${names[i]}(): ${text} {`,
			`		assert(this.tag == ${tag}.${tags[i]});`,
			`		return ${payload(of.type, `this.${field}`, text)};`,
			'	}',
		];
	});
	const storage = [...fields].map(([text, of], i) => {
		const nullable = !isReference(of) || text.endsWith('| null');
		return `	cabi_${i}: ${text}${nullable ? '' : ' | null'}${isReference(of) ? ' = null' : ''};`;
	});
	return [
		`export class ${name} {`,
		...storage,
		...(storage.length === 0 ? [] : ['']),
		`	constructor(readonly tag: ${tag}) {}`,
		...cases.flatMap(lines => ['', ...lines]),
		'}',
		'',
		`/** Which case a \`${name}\` is. */`,
		`export enum ${tag} {`,
		...tags.map(text => `	${text},`),
		'}',
	];
}
