import {artefact, storeContract} from '@forgeone/sdk/testing';
import test from 'ava';

// What every store keeps, asked of what was built.
storeContract(test, artefact);
