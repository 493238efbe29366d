import { actionCommand } from "../../instance-action.ts";

export default actionCommand({
  action: "resume",
  describe: "Wake a suspended instance",
  doing: "Resuming",
  wanted: "running",
});
