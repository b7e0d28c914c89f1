const roots = {Object, Array, Function, String, Number, Map, Set, Promise, Error, Uint8Array};

const keysOf = () => Object.values(roots).map(({prototype}) => new Set(Reflect.ownKeys(prototype)));

/** Looks at what all objects share. The function that it gives tells what has come to it since, and takes it away again. */
export function pollution(): () => string[] {
	const before = keysOf();
	return () =>
		Object.entries(roots).flatMap(([name, {prototype}], i) => {
			const added = Reflect.ownKeys(prototype).filter(key => !before[i]?.has(key));
			for (const key of added) Reflect.deleteProperty(prototype, key);
			return added.map(key => `${name}.prototype.${String(key)}`);
		});
}
