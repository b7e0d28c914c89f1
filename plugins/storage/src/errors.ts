import {errorTable} from '@forgeone/wasm';

/** Every error of storage: what kind it is, what it says, what to do. */
export const errors = errorTable({
	FORGE_MOUNT_FOLDER: ['missing', 'folder "{source}" can not be mounted: {reason}', 'name a folder that exists, or a volume'],
	FORGE_MOUNT_TARGET: ['invalid', 'nothing can be mounted at "{target}": {reason}', 'give each mount an absolute path of its own'],
	FORGE_STATE_UNUSABLE: ['failed', 'state folder "{folder}" can not be used: {reason}', 'make it writable, or choose another one'],
	FORGE_STORE_KEY: ['invalid', 'a key has 1 to 1,024 bytes, and this one has {bytes}', 'use a shorter key, which is not empty'],
	FORGE_STORE_LARGE: [
		'limit',
		'the store holds {bytes} bytes, and hands over 16 MiB at most',
		'name the other store in the configuration, and start with it',
	],
	FORGE_STORE_VALUE: ['limit', 'a value has 1 MiB at most, and that of "{key}" has {bytes} bytes', 'split it, or keep it in a volume'],
	FORGE_VOLUME_MISSING: ['missing', 'there is no volume "{volume}"', 'see forge volume list'],
	FORGE_VOLUME_MOUNTED: ['conflict', 'volume "{volume}" is mounted in container "{container}"', 'stop the container first'],
	FORGE_VOLUME_NAME: [
		'invalid',
		'"{name}" is not the name of a volume or a store',
		'use 1 to 63 of a-z, 0-9, ".", "_" and "-", beginning with a letter or a digit',
	],
});
