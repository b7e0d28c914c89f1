/** The JavaScript name of a function, field or case: `get-random-bytes` becomes `getRandomBytes`. */
export function camelCase(label: string): string {
	const [first = '', ...rest] = label.split('-');
	return first.toLowerCase() + rest.map(capital).join('');
}

/** The JavaScript name of a resource: `input-stream` becomes `InputStream`. */
export function pascalCase(label: string): string {
	return label.split('-').map(capital).join('');
}

const capital = (word: string): string => word.slice(0, 1).toUpperCase() + word.slice(1).toLowerCase();

/** What a function's name says that it is: a plain function, or one of a resource. */
export interface FunctionName {
	readonly role: 'function' | 'constructor' | 'method' | 'static';
	/** The label of the resource; empty for a plain function. */
	readonly resource: string;
	readonly label: string;
}

/** Takes apart `[method]input-stream.read` and its like. */
export function functionName(name: string): FunctionName {
	const match = name.startsWith('[') ? /^\[(constructor|method|static)\]([^.]*)(?:\.(.*))?$/s.exec(name) : null;
	if (match === null) return {role: 'function', resource: '', label: name};
	const [, role, resource = '', label = ''] = match;
	return {role: role as FunctionName['role'], resource, label};
}

const versioned = /^(.*)@(\d+)(?:\.(\d+)(?:\.(\d+))?)?(-[^+]*)?(?:\+.*)?$/s;

/**
 * The name with its version cut to the part that compatible versions share: `1.4.2` to `1`, `0.2.3` to `0.2`; `0.0.7` and
 * prereleases stand for themselves. The name itself where it has no version.
 */
export function compatibleName(name: string): string {
	const match = versioned.exec(name);
	if (match === null) return name;
	const [, path, major, minor, patch, prerelease] = match;
	if (prerelease !== undefined) return name;
	if (major !== '0') return `${path}@${major}`;
	if (minor !== '0' || patch === undefined) return `${path}@0.${minor ?? '0'}`;
	return name;
}

/** The name without its version. */
export const unversioned = (name: string): string => versioned.exec(name)?.[1] ?? name;

/** A look-up by exact name, then by compatible version, then without a version. */
export function compatibly<T>(entries: ReadonlyMap<string, T>): (name: string) => T | undefined {
	const compatible = new Map([...entries].map(([name, value]) => [compatibleName(name), value]));
	return name => entries.get(name) ?? compatible.get(compatibleName(name)) ?? entries.get(unversioned(name));
}
