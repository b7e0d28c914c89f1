import {readFile} from 'node:fs/promises';
import {fileURLToPath} from 'node:url';

/** A package of WIT by its parts: `wasi:io` and `0.2.0`, which may be empty. */
export interface PackageName {
	readonly name: string;
	readonly version: string;
}

/** The parts of `wasi:io@0.2.0`. */
export function packageName(id: string): PackageName {
	const [name = '', version = ''] = id.split('@');
	return {name, version};
}

let packages: Promise<ReadonlyMap<string, string>> | undefined;

/** The texts that come with the SDK, by package and version. */
function all(): Promise<ReadonlyMap<string, string>> {
	const file = fileURLToPath(import.meta.resolve('@forgeone/sdk/wit/packages.json'));
	packages ??= readFile(file, 'utf8').then(text => new Map(Object.entries(JSON.parse(text))));
	return packages;
}

/** Whether a text of one version serves for another: the same but for the patch, which only adds. */
function serves(there: string, asked: string): boolean {
	const [of, wanted] = [there, asked].map(version => /^(\d+\.\d+)\.(\d+)$/.exec(version) ?? []);
	return of?.[1] !== undefined && of[1] === wanted?.[1] && Number(wanted[2]) <= Number(of[2]);
}

/** What there is of a package: the text in the version that is asked for, or only other versions, or nothing. */
export interface Supply {
	readonly text?: string;
	readonly versions: readonly string[];
}

/**
 * A package of `wasi:*` or `forgeone:*` that comes with the SDK, so that no project need copy it. What is there serves for earlier patches
 * of the same version too, and then calls itself and its kin by the version that was asked for.
 */
export async function supply(id: string): Promise<Supply> {
	const {name, version} = packageName(id);
	const there = await all();
	const versions = [...there.keys()].map(packageName).flatMap(one => (one.name === name ? [one.version] : []));
	const found = versions.find(one => one === version) ?? versions.find(one => serves(one, version));
	if (found === undefined) return {versions};
	return {versions, text: (there.get(`${name}@${found}`) ?? '').replaceAll(`@${found}`, `@${version}`)};
}
