import { lockContract } from '../../contracts/lock.ts';
import { engineInFolder } from '../../support/engine-in-folder.ts';

lockContract('a file', () => engineInFolder());
