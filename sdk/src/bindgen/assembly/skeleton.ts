import {functionName} from '@forgeone/wasm';
import type {Field, Func, Scope} from '../model.ts';
import {File} from './file.ts';
import {type Files, methodsOf} from './module.ts';
import {comment, parameterNames} from './names.ts';

/** An author's file with everything that a world exports, not written yet. */
export function skeleton(files: Files, bindings: string): string {
	const {world} = files;
	const file = new File('');
	const parts = world.exports.flatMap(scope => {
		const members = interfaceMembers(scope, files, file);
		if (files.flat) return members;
		const inner = members.join('\n\n').replace(/^(?=.)/gm, '\t');
		return members.length === 0 ? [] : [`export namespace ${files.namespace(scope)} {\n${inner}\n}`];
	});
	const names = files.authorNames(world.root).functions;
	parts.push(...world.functions.map(func => written(`export function ${names.get(func.name)}`, func, func.params, files, file).join('\n')));
	const text = [file.text('', undefined, bindings).trim(), ...parts].filter(part => part !== '').join('\n\n');
	return `${text.replaceAll('Guest.', '')}\n`;
}

function written(head: string, func: Func, params: readonly Field[], files: Files, file: File, result = true): string[] {
	const names = parameterNames(params.map(({label}) => label));
	const list = params.map(({type}, i) => `${names[i]}: ${files.type(type, file)}`).join(', ');
	const answer = !result ? '' : `: ${func.result === undefined ? 'void' : files.type(func.result, file)}`;
	return [...comment(func.docs), `${head}(${list})${answer} {`, `	throw new Error('${func.name} is not written yet');`, '}'];
}

function interfaceMembers(scope: Scope, files: Files, file: File): string[] {
	const names = files.authorNames(scope);
	const classes = [...names.types].flatMap(([label, name]) => {
		const declaration = scope.declarations.find(one => one.label === label);
		if (declaration?.type.kind !== 'resource' || declaration.type.home?.scope !== scope) return [];
		file.uses('Exported');
		const members = methodsOf(scope, label).map(({func, role, name: member}) => {
			const params = role === 'method' ? func.params.slice(1) : func.params;
			if (role !== 'constructor') return written(role === 'static' ? `static ${member}` : member, func, params, files, file);
			if (func.result?.kind !== 'own') return written('static create', func, params, files, file);
			const lines = written('constructor', func, params, files, file, false);
			return [...lines.slice(0, -2), '	super();', ...lines.slice(-2)];
		});
		const inner = members.map(lines => lines.map(line => `	${line}`).join('\n')).join('\n\n');
		return [[...comment(declaration.docs), `export class ${name} extends Exported {`, inner, '}'].join('\n')];
	});
	const functions = scope.functions
		.filter(({name}) => functionName(name).role === 'function')
		.map(func => written(`export function ${names.functions.get(func.name)}`, func, func.params, files, file).join('\n'));
	return [...classes, ...functions];
}
