"""Public tests as students meet them: in the released bundle, on the reference, the stub and each variant."""
