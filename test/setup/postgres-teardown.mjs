// Jest's global teardown: stops the cluster, if one was started, and removes its directory.
import { stopCluster } from './cluster.mjs';

export default function removeCluster() {
  if (process.env.TEST_POSTGRES_DIRECTORY) stopCluster(process.env.TEST_POSTGRES_DIRECTORY);
}
