import {readdir, readFile} from 'node:fs/promises';

const wit = new URL('../wit/', import.meta.url);

/** `package a:b@1; …` as the nested form, so that several packages fit in one text. */
function nested(text: string): string {
	return `${text.replace(/^package ([^;]+);/, 'package $1 {')}\n}\n`;
}

/** Every interface of `wit`, in one text that has a world `contracts` which imports them all. */
export async function source(): Promise<{text: string; interfaces: string[]}> {
	const names = (await readdir(wit)).filter(name => name.endsWith('.wit')).sort();
	const texts = await Promise.all(names.map(name => readFile(new URL(name, wit), 'utf8')));
	const interfaces = texts.flatMap(text => {
		const [, name, version] = /^package ([^@]+)@([^;]+);/.exec(text) ?? [];
		return [...text.matchAll(/^interface ([\w-]+) /gm)].map(match => `${name}/${match[1]}@${version}`);
	});
	const world = `world contracts {\n${interfaces.map(id => `import ${id};`).join('\n')}\n}`;
	return {text: `package forgeone:generate;\n${world}\n${texts.map(nested).join('')}`, interfaces};
}
