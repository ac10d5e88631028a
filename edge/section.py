"""What every section of a profile is."""

from pydantic import BaseModel, ConfigDict


class Section(BaseModel):
    """Settings that belong together: no unknown key, no value of another type, no change later."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)
