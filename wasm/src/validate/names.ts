import {type FunctionName, functionName} from '../names.ts';
import type {FuncType, ResourceType} from '../types.ts';
import type {Fail, Item} from './known.ts';

// No two alternatives match the same text, so that no name takes long to refuse.
const words = '[a-z][a-z0-9]*(?:-[a-z0-9]+)*';
const label = '(?:[a-z][a-z0-9]*|[A-Z][A-Z0-9]*)(?:-(?:[a-z0-9]+|[0-9]*[A-Z][A-Z0-9]*))*';
const number = '(?:0|[1-9][0-9]*)';
const segment = '[0-9A-Za-z-]+';
const prerelease = `(?:${number}|[0-9]*[A-Za-z-][0-9A-Za-z-]*)`;
const semver = `${number}\\.${number}\\.${number}(?:-${prerelease}(?:\\.${prerelease})*)?(?:\\+${segment}(?:\\.${segment})*)?`;
const canonical = '[1-9][0-9]*|0\\.[1-9][0-9]*|0\\.0\\.[1-9][0-9]*|0\\.0\\.0';

const labels = new RegExp(`^${label}$`);
const interfaces = new RegExp(`^${words}:${words}/${label}(?:@(?:${semver}|${canonical}))?$`);
const versions = new RegExp(`^${semver}$`);
const endsCanonical = new RegExp(`@(${canonical})$`);

/** Whether a text is a label: words in lower case or acronyms in upper case, joined by hyphens. */
export const isLabel = (text: string): boolean => labels.test(text);

/** Whether a text names an interface, as `wasi:http/types@0.2.0` does. */
export const isInterface = (text: string): boolean => interfaces.test(text);

/** Whether a suffix completes the version at the end of a name. */
export function completes(name: string, suffix: string): boolean {
	const version = endsCanonical.exec(name)?.[1];
	return version !== undefined && versions.test(version + suffix);
}

/** Whether a text is a label, or one with the resource that it belongs to. */
function isPlain(name: string, {role, resource, label}: FunctionName): boolean {
	if (role === 'function') return isLabel(name);
	return isLabel(resource) && (role === 'constructor' ? name.endsWith(`]${resource}`) : isLabel(label));
}

/** What names have to differ in: bindings may drop case, and the resource of a method. */
function distinctive(name: string, {role, resource, label}: FunctionName): string {
	const member = role === 'method' || role === 'static';
	const [key, type] = [(member ? label : name).toLowerCase(), resource.toLowerCase()];
	return member && key !== type ? `${type}.${key}` : key;
}

/** The names of the imports or of the exports of one scope. */
export class Names {
	readonly #seen = new Map<string, string>();
	readonly #resources = new Map<string, ResourceType>();

	/** Adds a name, which must be well-formed, differ from all before, and fit what it names. */
	add(name: string, item: Item, fail: Fail): void {
		const parts = functionName(name);
		const valid = name.includes(':') ? isInterface(name) : isPlain(name, parts);
		if (!valid) fail('a name in kebab-case or of an interface', JSON.stringify(name));
		const key = distinctive(name, parts);
		const other = this.#seen.get(key);
		if (other !== undefined) fail('names that differ in more than case', `"${other}" and "${name}"`);
		this.#seen.set(key, name);
		const {role, resource} = parts;
		if (role !== 'function') this.#fits(role, resource, item, fail);
	}

	/** Lets a resource's constructor, methods and statics follow. */
	resource(name: string, resource: ResourceType): void {
		this.#resources.set(name, resource);
	}

	#fits(role: 'constructor' | 'method' | 'static', name: string, item: Item, fail: Fail): void {
		if (item.sort !== 'func') fail(`a function as ${role}`, item.sort);
		const resource = this.#resources.get(name);
		if (resource === undefined) fail(`a resource "${name}" before its ${role}`, 'none');
		else if (role === 'constructor' && !makes(item.value, resource)) fail(`a constructor that gives an own "${name}"`);
		else if (role === 'method' && !borrows(item.value, resource)) fail(`a method whose first parameter "self" borrows "${name}"`);
	}
}

function makes({result}: FuncType, resource: ResourceType): boolean {
	const made = result?.kind === 'result' ? result.ok : result;
	return made?.kind === 'own' && made.resource.id === resource.id;
}

function borrows({params: [self]}: FuncType, resource: ResourceType): boolean {
	return self?.label === 'self' && self.type.kind === 'borrow' && self.type.resource.id === resource.id;
}
